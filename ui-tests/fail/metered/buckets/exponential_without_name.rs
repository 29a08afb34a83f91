use tachograph::metered;

#[metered(buckets = exponential)]
fn checkout() {}

fn main() {
    checkout();
}
