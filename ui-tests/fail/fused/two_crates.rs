use tachograph::{metered, traced};

#[metered(crate = ::tachograph)]
#[traced(crate = crate::telemetry)]
fn checkout() {}

fn main() {
    checkout();
}
