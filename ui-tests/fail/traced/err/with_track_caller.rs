use tachograph::traced;

#[traced(err)]
#[track_caller]
fn checkout() -> Result<(), String> {
    Ok(())
}

fn main() {
    let _ = checkout();
}
