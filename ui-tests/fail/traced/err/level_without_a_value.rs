use tachograph::traced;

#[traced(err(level))]
fn checkout() -> Result<(), String> {
    Ok(())
}

fn main() {
    let _ = checkout();
}
