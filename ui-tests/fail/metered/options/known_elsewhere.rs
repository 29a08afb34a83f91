use tachograph::metered;

#[metered(track_concurrency)]
fn checkout() {}

fn main() {
    checkout();
}
