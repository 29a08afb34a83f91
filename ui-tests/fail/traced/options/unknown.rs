use tachograph::traced;

#[traced(colour)]
fn checkout() {}

fn main() {
    checkout();
}
