use tachograph::metered;

#[metered(objective())]
fn checkout() {}

fn main() {
    checkout();
}
