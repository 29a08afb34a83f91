use tachograph::metered;

#[metered(duration(samples = 64))]
fn checkout() {}

fn main() {
    checkout();
}
