use tachograph::traced;

#[traced(skip_all, err)]
fn parse(text: &str) -> Result<u16, std::num::ParseIntError> {
    text.parse()
}

fn main() {
    let _ = parse("x");
}
