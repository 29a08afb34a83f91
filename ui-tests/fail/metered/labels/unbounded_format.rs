use tachograph::metered;

#[metered(labels(user = format!("user {id}")))]
fn checkout(id: u64) {
    let _ = id;
}

fn main() {
    checkout(1);
}
