use tachograph::metered;

#[metered]
const fn checkout() {}

fn main() {
    checkout();
}
