use tachograph::LabelSet;

#[derive(LabelSet)]
struct Order {
    gift: bool,
    #[label(rename = "gift")]
    wrapped: bool,
}

fn main() {
    let order = Order { gift: true, wrapped: true };
    let _ = order.values();
}
