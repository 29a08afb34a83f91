use tachograph::metered;

#[metered(labels(user = id.to_string()))]
fn checkout(id: u64) {
    let _ = id;
}

fn main() {
    checkout(1);
}
