use tachograph::traced;

#[traced(fields(cart.id))]
fn checkout() {}

fn main() {
    checkout();
}
