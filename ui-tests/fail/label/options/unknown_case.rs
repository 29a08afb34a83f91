use tachograph::{Label, metered};

#[derive(Label)]
#[label(rename_all = "snakecase")]
enum Tier {
    Free,
}

#[metered(labels(tier = tier))]
fn checkout(tier: Tier) {}

fn main() {
    checkout(Tier::Free);
}
