use tachograph::traced;

#[traced]
async fn checkout(empty: bool) -> u8 {
    if empty {
        return "nothing";
    }
    1
}

fn main() {
    let _ = checkout(true);
}
