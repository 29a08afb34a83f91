use tachograph::traced;

#[traced(on_err(code = err.code))]
fn find() -> Option<u8> {
    None
}

fn main() {
    find();
}
