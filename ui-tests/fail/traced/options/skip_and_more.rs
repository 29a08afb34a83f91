use tachograph::traced;

struct Cart;

#[traced]
impl Cart {
    #[traced(skip, kind = "server")]
    fn pay(&self) {}
}

fn main() {
    Cart.pay();
}
