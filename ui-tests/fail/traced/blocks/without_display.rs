use tachograph::traced;

struct Cart;

struct Closed;

#[traced(err)]
impl Cart {
    fn new() -> Self {
        Self
    }

    fn pay(&self) -> Result<(), Closed> {
        Err(Closed)
    }
}

fn main() {
    let _ = Cart::new().pay();
}
