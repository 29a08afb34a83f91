use tachograph::traced;

#[traced(fields(usr))]
fn checkout(user: u8) {
    let _ = user;
}

fn main() {
    checkout(1);
}
