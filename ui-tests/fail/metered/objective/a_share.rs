use tachograph::metered;

#[metered(objective(success = 0.999))]
fn checkout() {}

fn main() {
    checkout();
}
