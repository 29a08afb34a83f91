// 2 faults
use tachograph::metered;

#[metered(objective(success = 101, latency(1d, 99.0)))]
fn checkout() {}

fn main() {
    checkout();
}
