use tachograph::traced;

#[traced(sample = "always")]
fn serve() {}

fn main() {
    serve();
}
