use tachograph::traced;

#[traced(on_ok(rows))]
fn load() -> Vec<u8> {
    Vec::new()
}

fn main() {
    load();
}
