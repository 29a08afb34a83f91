use tachograph::traced;

#[traced(fields(a), fields(b))]
fn checkout(a: u8, b: u8) {
    let _ = (a, b);
}

fn main() {
    checkout(1, 2);
}
