use tachograph::metered;

#[metered(on_err(result = "failed"))]
fn load() -> Result<u64, u8> {
    Ok(7)
}

fn main() {
    let _ = load();
}
