use tachograph::traced;

trait Pay {
    #[traced]
    fn pay(&self);
}

impl Pay for u8 {
    fn pay(&self) {}
}

fn main() {
    1.pay();
}
