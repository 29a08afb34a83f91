use tachograph::{Label, metered};

#[derive(Label)]
enum Never {}

#[metered(labels(never = never))]
fn checkout(never: Never) {}

fn main() {
    let _ = checkout;
}
