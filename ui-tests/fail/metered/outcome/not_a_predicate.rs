use tachograph::metered;

#[metered(error_if = 5)]
fn find() -> Option<u8> {
    None
}

fn main() {
    find();
}
