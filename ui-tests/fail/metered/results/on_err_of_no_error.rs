use tachograph::metered;

#[metered(on_err(code(err, max = 9)))]
fn load() -> Option<u8> {
    None
}

fn main() {
    load();
}
