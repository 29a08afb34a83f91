use tachograph::traced;

#[traced(kind = server)]
fn checkout() {}

fn main() {
    checkout();
}
