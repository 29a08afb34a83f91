#[tachograph::traced]
#[tachograph::metered]
mod shop {
    pub(super) struct Cart<const N: u8>;

    impl Cart<1> {
        pub(super) fn doubled(&self) -> Cart<{ 1 + 1 }> {
            let total = 1 as;
            Cart
        }
    }

    pub(super) fn pay() {
        Cart.doubled();
    }
}

fn main() {
    shop::pay();
}
