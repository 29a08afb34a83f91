use tachograph::metered;

#[metered(name = "shop.checkout", buckets = 5)]
fn checkout() {}

fn main() {
    checkout();
}
