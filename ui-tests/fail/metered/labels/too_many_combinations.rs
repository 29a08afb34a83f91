use tachograph::metered;

#[metered(labels(user(id, max = 500), shop(id, max = 500)))]
fn checkout(id: u64) {
    let _ = id;
}

fn main() {
    checkout(1);
}
