use tachograph::metered;

#[metered(labels(cached = fresh), on_ok(cached = ok))]
fn load(fresh: bool) -> Result<bool, u8> {
    Ok(fresh)
}

fn main() {
    let _ = load(true);
}
