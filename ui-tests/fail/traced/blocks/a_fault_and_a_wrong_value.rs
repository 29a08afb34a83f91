// 2 faults
use tachograph::traced;

struct Shop;

#[traced(fields(order), kind = "serv")]
impl Shop {
    fn checkout() {}
}

fn main() {
    Shop::checkout();
}
