use tachograph::metered;

#[metered(name = names::CHECKOUT)]
fn checkout() {}

fn main() {
    checkout();
}
