use tachograph::metered;

#[metered(labels(le = true))]
fn checkout() {}

fn main() {
    checkout();
}
