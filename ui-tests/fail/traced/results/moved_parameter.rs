use tachograph::traced;

#[traced(on_ok(name = %name))]
fn load(name: String) -> Result<u64, u8> {
    Ok(name.len() as u64)
}

fn main() {
    let _ = load(String::new());
}
