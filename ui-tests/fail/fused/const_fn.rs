use tachograph::{metered, traced};

#[metered]
#[traced]
const fn checkout() {}

fn main() {
    checkout();
}
