// 2 faults
use tachograph::traced;

#[traced(nmae = 1, args, skip(zz))]
fn send(body: &str) {
    let _ = body;
}

fn main() {
    send("hello");
}
