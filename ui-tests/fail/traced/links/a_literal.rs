use tachograph::traced;

#[traced(links = 5)]
fn serve() {}

fn main() {
    serve();
}
