use tachograph::traced;

#[traced = "checkout"]
fn checkout() {}

fn main() {
    checkout();
}
