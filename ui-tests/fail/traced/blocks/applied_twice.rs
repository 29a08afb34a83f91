use tachograph::traced;

#[traced]
#[traced(kind = "server")]
mod shop {
    pub fn checkout() {}
}

fn main() {
    shop::checkout();
}
