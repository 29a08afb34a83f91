use tachograph::traced;

#[traced(err(level = "warning"))]
fn parse(text: &str) -> Result<u16, std::num::ParseIntError> {
    text.parse()
}

fn main() {
    let _ = parse("x");
}
