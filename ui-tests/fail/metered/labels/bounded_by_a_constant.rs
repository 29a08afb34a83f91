use tachograph::metered;

const MAX: usize = 100;

#[metered(labels(user(id, max = MAX)))]
fn checkout(id: u64) {
    let _ = id;
}

fn main() {
    checkout(1);
}
