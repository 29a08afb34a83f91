use tachograph::traced;

#[traced(err)]
fn checkout() -> Option<u8> {
    None
}

fn main() {
    checkout();
}
