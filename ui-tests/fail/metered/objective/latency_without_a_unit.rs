use tachograph::metered;

#[metered(objective(latency(250, 99.0)))]
fn checkout() {}

fn main() {
    checkout();
}
