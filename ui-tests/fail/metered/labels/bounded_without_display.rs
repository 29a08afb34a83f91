use tachograph::metered;

#[metered(labels(user(id, max = 100)))]
fn checkout(id: Option<u64>) {
    let _ = id;
}

fn main() {
    checkout(Some(1));
}
