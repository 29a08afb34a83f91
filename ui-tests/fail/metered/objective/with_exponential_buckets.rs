use tachograph::metered;

#[metered(name = "shop.checkout", buckets = exponential, objective(latency(250ms, 99.0)))]
fn checkout() {}

fn main() {
    checkout();
}
