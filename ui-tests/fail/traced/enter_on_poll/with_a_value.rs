use tachograph::traced;

#[traced(enter_on_poll = true)]
async fn checkout() -> Result<(), String> {
    Ok(())
}

fn main() {
    let _ = checkout();
}
