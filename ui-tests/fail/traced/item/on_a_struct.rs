use tachograph::traced;

#[traced]
struct Cart;

fn main() {
    let _ = Cart;
}
