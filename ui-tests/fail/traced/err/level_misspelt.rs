use tachograph::traced;

#[traced(err(level = "wran"))]
fn checkout() -> Result<(), String> {
    Ok(())
}

fn main() {
    let _ = checkout();
}
