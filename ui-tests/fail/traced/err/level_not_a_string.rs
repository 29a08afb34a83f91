use tachograph::traced;

#[traced(err(level = 3))]
fn checkout() -> Result<(), String> {
    Ok(())
}

fn main() {
    let _ = checkout();
}
