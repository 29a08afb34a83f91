use tachograph::metered;

#[metered(labels(customer.tier = "free"))]
fn checkout() {}

fn main() {
    checkout();
}
