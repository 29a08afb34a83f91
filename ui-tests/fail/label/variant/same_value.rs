use tachograph::{Label, metered};

#[derive(Label)]
#[label(rename_all = "lowercase")]
enum Tier {
    Paid,
    #[label(rename = "paid")]
    Yearly,
}

#[metered(labels(tier = tier))]
fn checkout(tier: Tier) {}

fn main() {
    checkout(Tier::Paid);
    checkout(Tier::Yearly);
}
