use tachograph::metered;

#[metered(name = "shop.checkout", buckets = [100ms])]
fn checkout() {}

fn main() {
    checkout();
}
