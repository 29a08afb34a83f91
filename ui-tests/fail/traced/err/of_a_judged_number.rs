use tachograph::traced;

#[traced(err, error_if = |lines| *lines == 0)]
fn count(text: &str) -> usize {
    text.lines().count()
}

fn main() {
    count("x");
}
