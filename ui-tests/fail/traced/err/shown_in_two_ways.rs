use tachograph::traced;

#[traced(err(Debug, type))]
fn checkout() -> Result<(), String> {
    Ok(())
}

fn main() {
    let _ = checkout();
}
