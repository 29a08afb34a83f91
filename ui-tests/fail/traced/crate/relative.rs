use tachograph::traced;

#[traced(crate = foo-bar)]
fn checkout() {}

fn main() {
    checkout();
}
