use tachograph::traced;

struct Line;

impl Line {
    #[traced(args, skip(self))]
    fn send(&self, body: &str) {
        let _ = body;
    }
}

fn main() {
    Line.send("hello");
}
