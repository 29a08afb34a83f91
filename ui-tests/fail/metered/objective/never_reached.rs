use tachograph::metered;

#[metered(objective(success = 100))]
fn checkout() {}

fn main() {
    checkout();
}
