use tachograph::metered;

#[metered(labels(large = lines as bool))]
fn checkout(lines: u64) {
    let _ = lines;
}

fn main() {
    checkout(1);
}
