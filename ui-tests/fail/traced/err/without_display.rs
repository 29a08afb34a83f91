use tachograph::traced;

struct Refused;

#[traced(err)]
fn checkout() -> Result<(), Refused> {
    Err(Refused)
}

fn main() {
    let _ = checkout();
}
