use tachograph::traced;

#[traced(parent = None)]
fn checkout() {}

fn main() {
    checkout();
}
