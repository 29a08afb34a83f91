use tachograph::traced;

#[traced(enter_on_poll, sample = 0.1)]
async fn checkout() -> Result<(), String> {
    Ok(())
}

fn main() {
    let _ = checkout();
}
