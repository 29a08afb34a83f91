use tachograph::traced;

#[traced]
const fn checkout() {}

fn main() {
    checkout();
}
