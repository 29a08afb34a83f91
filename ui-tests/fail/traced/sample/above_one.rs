use tachograph::traced;

#[traced(sample = 5)]
fn serve() {}

fn main() {
    serve();
}
