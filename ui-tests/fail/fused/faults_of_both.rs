// 6 faults
use tachograph::{metered, traced};

#[traced(nmae = "x", fields(usr), kind = "serv")]
#[metered(labels(le = true), buckets = [2, 1])]
fn checkout(user: u8) {
    let _ = user;
}

fn main() {
    checkout(1);
}
