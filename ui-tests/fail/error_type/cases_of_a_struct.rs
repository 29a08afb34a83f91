use tachograph::ErrorType;

#[derive(ErrorType)]
#[error_type(rename_all = "snake_case")]
struct TookTooLong;

fn main() {
    let _ = TookTooLong.error_type();
}
