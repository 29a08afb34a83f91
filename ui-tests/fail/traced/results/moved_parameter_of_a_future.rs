use tachograph::traced;

#[traced(on_ok(name = %name))]
fn load(name: String) -> impl std::future::Future<Output = Result<u64, u8>> {
    async move { Ok(name.len() as u64) }
}

fn main() {
    let _ = load(String::new());
}
