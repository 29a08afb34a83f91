use tachograph::metered;

#[metered(duration(sample = 100))]
fn checkout() {}

fn main() {
    checkout();
}
