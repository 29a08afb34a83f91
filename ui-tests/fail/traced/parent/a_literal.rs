use tachograph::traced;

#[traced(parent = "root")]
fn serve() {}

fn main() {
    serve();
}
