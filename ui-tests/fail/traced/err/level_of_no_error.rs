use tachograph::traced;

#[traced(err(type, level = "warn"))]
fn checkout() -> u8 {
    7
}

fn main() {
    let _ = checkout();
}
