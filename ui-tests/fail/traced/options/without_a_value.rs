use tachograph::traced;

#[traced(name =)]
fn checkout() {}

fn main() {
    checkout();
}
