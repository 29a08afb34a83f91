use tachograph::traced;

#[traced(crate = ::nowhere)]
fn checkout() {}

fn main() {
    checkout();
}
