use tachograph::metered;

#[metered(error_if = is_late)]
fn find() {}

fn main() {
    find();
}
