use tachograph::metered;

#[metered(objective(sucess = 99.9))]
fn checkout() {}

fn main() {
    checkout();
}
