use tachograph::traced;

#[traced(on_ok(name = %name))]
fn load(name: String) -> impl std::future::Future<Output = u64> {
    async move { name.len() as u64 }
}

fn main() {
    let _ = load(String::new());
}
