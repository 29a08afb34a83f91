use tachograph::{metered, traced};

#[metered(ok_if = Option::is_some)]
#[traced(ok_if = Option::is_some)]
fn find() -> Option<u8> {
    None
}

fn main() {
    find();
}
