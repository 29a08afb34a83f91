use tachograph::metered;

#[metered(labels(user(id, max = 1_000_000)))]
fn checkout(id: u64) {
    let _ = id;
}

fn main() {
    checkout(1);
}
