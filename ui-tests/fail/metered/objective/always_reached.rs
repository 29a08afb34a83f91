use tachograph::metered;

#[metered(objective(success = 0))]
fn checkout() {}

fn main() {
    checkout();
}
