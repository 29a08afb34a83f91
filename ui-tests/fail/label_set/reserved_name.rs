use tachograph::LabelSet;

#[derive(LabelSet)]
struct Order {
    le: bool,
}

fn main() {
    let _ = Order { le: true }.values();
}
