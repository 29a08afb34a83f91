use tachograph::metered;

#[metered(labels(share = 0.5))]
fn checkout() {}

fn main() {
    checkout();
}
