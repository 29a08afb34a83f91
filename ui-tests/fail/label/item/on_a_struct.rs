use tachograph::{Label, metered};

#[derive(Label)]
struct User(String);

#[metered(labels(user = user))]
fn checkout(user: User) {}

fn main() {
    checkout(User(String::new()));
}
