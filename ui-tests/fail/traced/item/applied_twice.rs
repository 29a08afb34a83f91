use tachograph::traced;

#[traced]
#[traced]
fn checkout() {}

fn main() {
    checkout();
}
