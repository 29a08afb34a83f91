use tachograph::traced;

#[traced(enter_on_poll, parent = none)]
async fn checkout() -> Result<(), String> {
    Ok(())
}

fn main() {
    let _ = checkout();
}
