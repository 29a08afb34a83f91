use tachograph::metered;

#[metered(in_flight = "no")]
fn checkout() {}

fn main() {
    checkout();
}
