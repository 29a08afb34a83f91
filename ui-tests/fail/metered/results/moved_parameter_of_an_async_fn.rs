use tachograph::metered;

#[metered(on_err(name(name, max = 9)))]
async fn load(name: String) -> Result<u64, u8> {
    Ok(name.len() as u64)
}

fn main() {
    let _ = load(String::new());
}
