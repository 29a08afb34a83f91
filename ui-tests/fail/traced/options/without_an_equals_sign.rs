use tachograph::traced;

#[traced(name "checkout")]
fn checkout() {}

fn main() {
    checkout();
}
