use tachograph::metered;

#[metered(caller)]
async fn checkout() {}

fn main() {
    let _ = checkout();
}
