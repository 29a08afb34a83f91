use tachograph::metered;

#[metered(
    labels(
        user(id, max = 2000),
        shop(id, max = 2000),
        item(id, max = 2000),
        till(id, max = 2000),
        shelf(id, max = 2000),
        city(id, max = 2000)
    ),
    on_ok(price(ok, max = 100))
)]
fn checkout(id: u64) -> Result<u64, u8> {
    Ok(id)
}

fn main() {
    let _ = checkout(1);
}
