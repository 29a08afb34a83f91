use tachograph::ErrorType;

#[derive(ErrorType)]
struct Declined;

#[derive(ErrorType)]
enum Failure {
    #[error_type(transparent, rename = "bank")]
    Bank(Declined),
}

fn main() {
    let _ = Failure::Bank(Declined).error_type();
}
