use tachograph::traced;

#[traced(kind = "serv")]
fn checkout() {}

fn main() {
    checkout();
}
