use tachograph::metered;

#[metered(name = "shop.checkout", buckets = exponental)]
fn checkout() {}

fn main() {
    checkout();
}
