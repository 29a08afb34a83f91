use tachograph::metered;

#[metered(
    labels(user(id, max = 2000), shop(id, max = 2000), item(id, max = 2000)),
    on_err(code(err, max = 2000))
)]
fn load(id: u64) -> Result<u64, u8> {
    Ok(id)
}

fn main() {
    let _ = load(7);
}
