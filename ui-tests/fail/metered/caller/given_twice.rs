use tachograph::metered;

#[metered(caller, labels(caller = "x"))]
#[track_caller]
fn checkout() {}

fn main() {
    checkout();
}
