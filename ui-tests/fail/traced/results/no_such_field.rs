use tachograph::traced;

#[traced(on_ok(rows = ok.rows))]
fn load() -> Result<Vec<u8>, String> {
    Ok(Vec::new())
}

fn main() {
    let _ = load();
}
