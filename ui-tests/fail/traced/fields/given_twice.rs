use tachograph::traced;

#[traced(fields(order.id = 1, order.id = 2))]
fn checkout() {}

fn main() {
    checkout();
}
