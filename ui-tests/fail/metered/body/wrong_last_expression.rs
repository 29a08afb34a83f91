use tachograph::metered;

#[metered]
fn checkout(empty: bool) -> Result<u8, String> {
    let _ = empty;
    1
}

fn main() {
    let _ = checkout(true);
}
