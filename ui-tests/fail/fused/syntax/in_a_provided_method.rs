use tachograph::{metered, traced};

#[metered]
#[traced]
trait Priced {
    fn price(&self) -> u8;

    fn doubled(&self) -> u8 {
        self.price() self.price()
    }
}

impl Priced for u8 {
    fn price(&self) -> u8 {
        *self
    }
}

fn main() {
    1.doubled();
}
