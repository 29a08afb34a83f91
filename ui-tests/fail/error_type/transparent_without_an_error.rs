use tachograph::ErrorType;

#[derive(ErrorType)]
enum Failure {
    #[error_type(transparent)]
    Timeout,
}

fn main() {
    let _ = Failure::Timeout.error_type();
}
