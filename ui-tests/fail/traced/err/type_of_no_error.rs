use tachograph::traced;

#[traced(err(type))]
fn checkout() -> u8 {
    7
}

fn main() {
    checkout();
}
