use tachograph::metered;

#[metered(caller)]
fn checkout() {}

fn main() {
    checkout();
}
