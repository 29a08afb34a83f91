use tachograph::metered;

#[metered(name = "shop.checkout", buckets(exponential))]
fn checkout() {}

fn main() {
    checkout();
}
