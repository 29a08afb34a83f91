use tachograph::metered;

#[metered(name = "shop.checkout", buckets = [])]
fn checkout() {}

fn main() {
    checkout();
}
