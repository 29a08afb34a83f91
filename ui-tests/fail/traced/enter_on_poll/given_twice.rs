use tachograph::traced;

#[traced(enter_on_poll, enter_on_poll)]
async fn checkout() -> Result<(), String> {
    Ok(())
}

fn main() {
    let _ = checkout();
}
