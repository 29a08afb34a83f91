use tachograph::metered;

#[metered(name = "")]
fn checkout() {}

fn main() {
    checkout();
}
