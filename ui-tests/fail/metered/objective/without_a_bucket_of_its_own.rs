use tachograph::metered;

#[metered(name = "shop.checkout", buckets = [0.1, 1.0], objective(latency(250ms, 99.0)))]
fn checkout() {}

fn main() {
    checkout();
}
