use tachograph::traced;

#[traced(enter_on_poll)]
fn checkout() -> Result<(), String> {
    Ok(())
}

fn main() {
    let _ = checkout();
}
