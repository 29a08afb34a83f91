use tachograph::metered;

#[metered(labels(user = name))]
fn checkout(name: &str) {
    let _ = name;
}

fn main() {
    checkout("x");
}
