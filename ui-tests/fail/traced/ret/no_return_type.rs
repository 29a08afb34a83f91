use tachograph::traced;

#[traced(ret)]
fn send() {}

fn main() {
    send();
}
