use tachograph::metered;

#[metered(on_ok(large = *ok > 7))]
#[track_caller]
fn load() -> u64 {
    7
}

fn main() {
    load();
}
