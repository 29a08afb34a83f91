use tachograph::metered;

#[metered(labels(user(id, 100)))]
fn checkout(id: u64) {
    let _ = id;
}

fn main() {
    checkout(1);
}
