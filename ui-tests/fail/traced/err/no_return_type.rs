use tachograph::traced;

#[traced(err)]
fn checkout() {}

fn main() {
    checkout();
}
