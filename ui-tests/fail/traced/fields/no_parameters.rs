use tachograph::traced;

#[traced(fields(total))]
fn checkout() {}

fn main() {
    checkout();
}
