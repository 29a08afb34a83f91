use tachograph::traced;

#[traced(fields("order.id" = id))]
fn checkout(id: u64) {
    let _ = id;
}

fn main() {
    checkout(1);
}
