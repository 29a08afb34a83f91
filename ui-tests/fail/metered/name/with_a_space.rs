use tachograph::metered;

#[metered(name = "http requests")]
fn checkout() {}

fn main() {
    checkout();
}
