use tachograph::metered;

#[metered(name = "shop.checkout", buckets = [0.1, f64::NAN])]
fn checkout() {}

fn main() {
    checkout();
}
