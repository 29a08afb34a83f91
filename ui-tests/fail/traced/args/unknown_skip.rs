use tachograph::traced;

#[traced(args, skip(bdy))]
fn send(body: &str) {
    let _ = body;
}

fn main() {
    send("hello");
}
