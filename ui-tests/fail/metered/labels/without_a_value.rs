use tachograph::metered;

#[metered(labels(tier))]
fn checkout() {}

fn main() {
    checkout();
}
