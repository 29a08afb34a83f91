use tachograph::metered;

#[metered(on_ok(done = true))]
fn load() {}

fn main() {
    load();
}
