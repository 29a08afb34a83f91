use tachograph::metered;

#[metered(labels(__tier = "free"))]
fn checkout() {}

fn main() {
    checkout();
}
