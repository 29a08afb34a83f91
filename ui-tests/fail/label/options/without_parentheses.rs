use tachograph::{Label, metered};

#[derive(Label)]
enum Tier {
    #[label = "free"]
    Free,
}

#[metered(labels(tier = tier))]
fn checkout(tier: Tier) {}

fn main() {
    checkout(Tier::Free);
}
