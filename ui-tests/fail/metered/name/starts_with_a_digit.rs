use tachograph::metered;

#[metered(name = "2nd.checkout")]
fn checkout() {}

fn main() {
    checkout();
}
