// 2 faults
use tachograph::metered;

struct Cart;

#[metered(name = "shop.cart", labels(region = "eu"))]
impl Cart {
    fn pay(&self) {}
}

fn main() {
    Cart.pay();
}
