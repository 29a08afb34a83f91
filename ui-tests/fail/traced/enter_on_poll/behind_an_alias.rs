use tachograph::traced;

type Later = std::pin::Pin<Box<dyn Future<Output = ()>>>;

#[traced(enter_on_poll)]
fn checkout() -> Later {
    Box::pin(async {})
}

fn main() {
    let _ = checkout();
}
