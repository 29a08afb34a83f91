use tachograph::metered;

#[metered(name = "shop.checkout", buckets = exponential, buckets = [0.1, 1.0])]
fn checkout() {}

fn main() {
    checkout();
}
