use tachograph::traced;

struct Body;

#[traced(ret)]
fn fetch() -> Result<Body, String> {
    Ok(Body)
}

fn main() {
    let _ = fetch();
}
