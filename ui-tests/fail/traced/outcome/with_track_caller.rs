use tachograph::traced;

#[traced(ok_if = Option::is_some)]
#[track_caller]
fn find() -> Option<u8> {
    None
}

fn main() {
    find();
}
