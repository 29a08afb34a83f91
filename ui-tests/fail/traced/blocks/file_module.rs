use tachograph::traced;

#[traced]
#[path = "shop.module"]
mod shop;

fn main() {
    shop::checkout();
}
