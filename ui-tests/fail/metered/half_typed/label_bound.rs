use tachograph::metered;

struct Order {
    id: u64,
}

#[metered(labels(order(order.id, max = )))]
fn pay(order: &Order) -> Result<u64, String> {
    Ok(order.id)
}

fn main() {
    pay(&Order { id: 1 }).unwrap();
}
