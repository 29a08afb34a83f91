use tachograph::traced;

#[traced(level = "inof")]
fn serve() {}

fn main() {
    serve();
}
