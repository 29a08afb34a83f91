use tachograph::{Label, metered};

#[derive(Label)]
enum Tier {
    Free,
    #[label(rename = "")]
    None,
}

#[metered(labels(tier = tier))]
fn checkout(tier: Tier) {}

fn main() {
    checkout(Tier::Free);
    checkout(Tier::None);
}
