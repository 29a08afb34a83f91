//! The derives.

#[derive(Label)]
#[label(rename_all = "snake_case")]
enum Tier {
    Free,
    PaidYearly,
    #[label(rename = "staff")]
    OneOfUs,
}

#[derive(LabelSet)]
struct Order {
    tier: Tier,
    #[label(rename = "gift_wrapped")]
    gift: bool,
}

#[derive(ErrorType)]
#[error_type(rename_all = "snake_case")]
enum PaymentError {
    CardDeclined,
    #[error_type(rename = "timeout")]
    TookTooLong {
        seconds: u64,
    },
    #[error_type(transparent)]
    Bank(BankError),
}

#[derive(ErrorType)]
struct BankError;
