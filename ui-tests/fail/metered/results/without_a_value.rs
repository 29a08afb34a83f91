use tachograph::metered;

#[metered(on_err(code))]
fn load() -> Result<u64, u8> {
    Ok(7)
}

fn main() {
    let _ = load();
}
