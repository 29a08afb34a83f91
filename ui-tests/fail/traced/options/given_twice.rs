use tachograph::traced;

#[traced(name = "a", name = "b")]
fn checkout() {}

fn main() {
    checkout();
}
