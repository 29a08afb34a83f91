use tachograph::metered;

#[metered(name = "shop.checkout", buckets = [-1.0, 1.0])]
fn checkout() {}

fn main() {
    checkout();
}
