use tachograph::metered;

#[metered]
enum Tier {
    Free,
}

fn main() {
    let _ = Tier::Free;
}
