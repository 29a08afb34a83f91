use tachograph::metered;

#[metered(name = "shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.shop.")]
fn checkout() {}

fn main() {
    checkout();
}
