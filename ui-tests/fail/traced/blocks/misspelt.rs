use tachograph::traced;

#[traced(knid = "server")]
trait Priced {
    fn price(&self) {}
}

impl Priced for u8 {}

fn main() {
    1.price();
}
