use tachograph::traced;

#[traced(skip(body))]
fn send(body: &str) {
    let _ = body;
}

fn main() {
    send("hello");
}
