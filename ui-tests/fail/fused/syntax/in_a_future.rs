use std::future::Future;

use tachograph::{metered, traced};

#[traced]
#[metered]
fn pay(cart: u8) -> impl Future<Output = u8> {
    let total = cart +;
    async { 1 }
}

fn main() {
    drop(pay(1));
}
