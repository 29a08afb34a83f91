use tachograph::{metered, traced};

struct Cart(u8);

#[traced]
#[metered]
impl Cart {
    #![allow(dead_code)]

    const EMPTY: Self = Self(0);

    fn total(&self) -> u8 {
        let total = self.0.;
        total
    }

    fn pay(&self) -> u8 {
        self.total()
    }
}

fn main() {
    Cart::EMPTY.pay();
}
