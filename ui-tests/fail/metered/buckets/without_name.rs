use tachograph::metered;

#[metered(buckets = [0.1, 1.0])]
fn checkout() {}

fn main() {
    checkout();
}
