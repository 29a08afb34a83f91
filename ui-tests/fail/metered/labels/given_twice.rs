use tachograph::metered;

#[metered(labels(tier = "free", tier = "paid"))]
fn checkout() {}

fn main() {
    checkout();
}
