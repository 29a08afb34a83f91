use tachograph::traced;

struct Cart;

#[traced]
impl Cart {
    #[traced(skp)]
    fn pay(&self) {}

    fn empty(&self) {}
}

fn main() {
    Cart.pay();
    Cart.empty();
}
