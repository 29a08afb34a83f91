use tachograph::traced;

struct Shop;

#[traced(enter_on_poll)]
impl Shop {
    async fn checkout() {}
}

fn main() {
    let _ = Shop::checkout();
}
