use tachograph::{metered, traced};

struct Order {
    id: u64,
}

#[traced]
#[metered(labels(tier = order.))]
fn pay(order: &Order) -> Result<u64, String> {
    Ok(order.id)
}

fn main() {
    pay(&Order { id: 1 }).unwrap();
}
