use tachograph::traced;

#[traced(ret(Debgu))]
fn send() -> u8 {
    7
}

fn main() {
    send();
}
