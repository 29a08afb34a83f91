use tachograph::ErrorType;

#[derive(ErrorType)]
#[error_type(rename = "failure")]
enum Failure {
    Timeout,
}

fn main() {
    let _ = Failure::Timeout.error_type();
}
