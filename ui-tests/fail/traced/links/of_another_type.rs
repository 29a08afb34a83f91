use tachograph::traced;

#[traced(links = [order])]
fn checkout(order: u64) {
    let _ = order;
}

fn main() {
    checkout(1);
}
