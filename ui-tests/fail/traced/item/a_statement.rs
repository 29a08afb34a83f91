use tachograph::traced;

fn main() {
    #[traced]
    let orders = 7;
    drop(orders);
}
