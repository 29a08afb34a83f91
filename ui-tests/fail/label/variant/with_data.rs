use tachograph::{Label, metered};

#[derive(Label)]
enum Tier {
    Free,
    Other(String),
}

#[metered(labels(tier = tier))]
fn checkout(tier: Tier) {}

fn main() {
    checkout(Tier::Free);
    checkout(Tier::Other(String::new()));
}
