use tachograph::traced;

#[traced(error_if = |found| found.is_empty())]
fn find() -> Option<u8> {
    None
}

fn main() {
    find();
}
