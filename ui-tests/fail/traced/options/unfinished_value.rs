use tachograph::traced;

#[traced(name = names::)]
fn checkout() {}

fn main() {
    checkout();
}
