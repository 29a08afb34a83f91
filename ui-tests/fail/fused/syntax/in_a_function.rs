use tachograph::{metered, traced};

#[traced]
#[metered]
fn pay(cart: u8) -> Result<u8, u8> {
    let total = ;
    Ok(cart)
}

fn main() {
    let _ = pay(1);
}
