use tachograph::metered;

#[metered(kind = "server")]
fn checkout() {}

fn main() {
    checkout();
}
