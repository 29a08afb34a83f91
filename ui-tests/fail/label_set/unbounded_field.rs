use tachograph::LabelSet;

#[derive(LabelSet)]
struct Order {
    user: u64,
}

fn main() {
    let _ = Order { user: 1 }.values();
}
