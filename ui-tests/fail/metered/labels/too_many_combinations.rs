use tachograph::metered;

#[metered(labels(
    user(id, max = 2000),
    shop(id, max = 2000),
    item(id, max = 2000),
    till(id, max = 2000)
))]
fn checkout(id: u64) {
    let _ = id;
}

fn main() {
    checkout(1);
}
