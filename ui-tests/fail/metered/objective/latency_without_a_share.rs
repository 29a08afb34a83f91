use tachograph::metered;

#[metered(objective(latency(250ms)))]
fn checkout() {}

fn main() {
    checkout();
}
