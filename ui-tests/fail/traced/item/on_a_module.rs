use tachograph::traced;

#[traced]
mod shop {
    pub fn checkout() {}
}

fn main() {
    shop::checkout();
}
