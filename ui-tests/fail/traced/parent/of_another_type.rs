use tachograph::traced;

struct Headers;

#[traced(parent = headers)]
fn serve(headers: Headers) {
    let _ = headers;
}

fn main() {
    serve(Headers);
}
