use tachograph::traced;

#[traced(name = "a".trim())]
fn checkout() {}

fn main() {
    checkout();
}
