#[tachograph::traced]
#[tachograph::metered]
mod shop {
    pub(super) const CART: u8 = 1;

    pub(super) fn pay(cart: u8) {
        let total = cart as;
    }
}

fn main() {
    shop::pay(shop::CART);
}
