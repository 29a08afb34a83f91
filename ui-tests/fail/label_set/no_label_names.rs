// 2 faults
use tachograph::LabelSet;

#[derive(LabelSet)]
struct Order {
    #[label(rename = "2fa")]
    two_factors: bool,
    #[label(rename = "gift wrap")]
    gift: bool,
}

fn main() {
    let _ = Order { two_factors: true, gift: false }.values();
}
