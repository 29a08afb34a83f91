use tachograph::traced;

struct Cart;

impl Cart {
    const SPAN: &'static str = "cart";

    #[traced(name = Self::SPAN)]
    fn pay(&self) {}
}

fn main() {
    Cart.pay();
    let _ = Cart::SPAN;
}
