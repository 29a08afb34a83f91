use tachograph::traced;

#[traced(level = Level::INFO)]
fn checkout() {}

fn main() {
    checkout();
}
