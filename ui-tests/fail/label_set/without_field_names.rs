use tachograph::LabelSet;

#[derive(LabelSet)]
struct Order(bool);

fn main() {
    let _ = Order(true).values();
}
