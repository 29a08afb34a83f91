use tachograph::traced;

#[traced(on_ok(done = true))]
fn load() {}

fn main() {
    load();
}
