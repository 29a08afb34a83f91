use tachograph::traced;

#[traced(fields(?cart))]
fn checkout(cart: u8) {
    let _ = cart;
}

fn main() {
    checkout(1);
}
