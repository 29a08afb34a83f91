use tachograph::traced;

struct Body;

#[traced(args)]
fn send(body: Body, times: u8) {
    let _ = (body, times);
}

fn main() {
    send(Body, 2);
}
