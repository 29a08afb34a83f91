use tachograph::traced;

struct Cart;

#[traced(name = "pay")]
impl Cart {
    fn pay(&self) {}
}

fn main() {
    Cart.pay();
}
