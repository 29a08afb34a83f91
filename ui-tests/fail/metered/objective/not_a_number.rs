use tachograph::metered;

#[metered(objective(success = "99.9"))]
fn checkout() {}

fn main() {
    checkout();
}
