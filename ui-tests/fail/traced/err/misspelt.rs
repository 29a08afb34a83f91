use tachograph::traced;

#[traced(err(lvel = "warn"))]
fn checkout() -> Result<(), String> {
    Ok(())
}

fn main() {
    let _ = checkout();
}
