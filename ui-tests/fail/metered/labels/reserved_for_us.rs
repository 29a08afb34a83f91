use tachograph::metered;

#[metered(labels(module = "shop"))]
fn checkout() {}

fn main() {
    checkout();
}
