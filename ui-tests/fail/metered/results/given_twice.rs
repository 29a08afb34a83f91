use tachograph::metered;

#[metered(on_ok(large = *ok > 7, large = *ok > 9))]
fn load() -> Result<u64, u8> {
    Ok(7)
}

fn main() {
    let _ = load();
}
