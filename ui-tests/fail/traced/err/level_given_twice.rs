use tachograph::traced;

#[traced(err(Debug, level = "warn", level = "info"))]
fn checkout() -> Result<(), String> {
    Ok(())
}

fn main() {
    let _ = checkout();
}
