use tachograph::metered;

#[metered(labels(user(id, max = 0)))]
fn checkout(id: u64) {
    let _ = id;
}

fn main() {
    checkout(1);
}
