use tachograph::metered;

#[metered(objective(latency(300ms, 99.0)))]
fn checkout() {}

fn main() {
    checkout();
}
