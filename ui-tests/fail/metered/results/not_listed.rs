use tachograph::metered;

#[metered(on_ok(rows = ok.len()))]
fn load() -> Result<Vec<u8>, u8> {
    Ok(Vec::new())
}

fn main() {
    let _ = load();
}
