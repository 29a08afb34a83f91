use tachograph::traced;

struct Cart;

#[traced]
impl Cart {
    fn pay(&self) {}
}

fn main() {
    Cart.pay();
}
