use tachograph::metered;

#[metered(duration())]
fn checkout() {}

fn main() {
    checkout();
}
