use tachograph::{Label, LabelSet};

#[derive(Label, LabelSet)]
enum Tier {
    Free,
}

fn main() {
    let _ = Tier::Free;
}
