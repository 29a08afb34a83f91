use tachograph::metered;

#[metered(on_err(message = err.to_string()))]
fn load() -> Result<u64, std::fmt::Error> {
    Ok(7)
}

fn main() {
    let _ = load();
}
