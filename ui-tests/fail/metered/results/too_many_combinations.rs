use tachograph::metered;

#[metered(labels(user(id, max = 500)), on_err(code(err, max = 500)))]
fn load(id: u64) -> Result<u64, u8> {
    Ok(id)
}

fn main() {
    let _ = load(7);
}
