use tachograph::traced;

#[traced]
thread_local! {
    static ORDERS: u64 = 7;
}

fn main() {
    ORDERS.with(|orders| *orders);
}
