use tachograph::ErrorType;

#[derive(ErrorType)]
enum Failure {
    #[error_type(transparent)]
    Io(std::io::Error),
}

fn main() {
    let error = std::io::Error::other("x");
    let _ = Failure::Io(error).error_type();
}
