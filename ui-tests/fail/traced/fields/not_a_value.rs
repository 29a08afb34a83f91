use tachograph::traced;

struct Cart;

#[traced(fields(cart))]
fn checkout(cart: Cart) {
    let _ = cart;
}

fn main() {
    checkout(Cart);
}
