// 2 faults
use tachograph::traced;

struct Order {
    id: u64,
}

#[traced(on_ok(id = ok.), on_err(text = %))]
async fn pay(order: &Order) -> Result<Order, String> {
    Ok(Order { id: order.id })
}

fn main() {
    let order = Order { id: 1 };
    drop(pay(&order));
}
