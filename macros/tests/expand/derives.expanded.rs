//! The derives.
#[label(rename_all = "snake_case")]
enum Tier {
    Free,
    PaidYearly,
    #[label(rename = "staff")]
    OneOfUs,
}
#[automatically_derived]
#[allow(deprecated)]
impl ::tachograph::__private::Label for Tier {
    const VALUES: &'static [&'static str] = &["free", "paid_yearly", "staff"];
    const IS_DERIVED: bool = true;
    fn index(&self) -> usize {
        match self {
            Self::Free => 0,
            Self::PaidYearly => 1,
            Self::OneOfUs => 2,
        }
    }
}
struct Order {
    tier: Tier,
    #[label(rename = "gift_wrapped")]
    gift: bool,
}
#[automatically_derived]
impl ::tachograph::__private::LabelSet<2> for Order {
    const NAMES: [&'static str; 2] = ["tier", "gift_wrapped"];
    fn values(&self) -> [&'static str; 2] {
        [
            ::tachograph::__private::label_text(&self.tier),
            ::tachograph::__private::label_text(&self.gift),
        ]
    }
}
#[error_type(rename_all = "snake_case")]
enum PaymentError {
    CardDeclined,
    #[error_type(rename = "timeout")]
    TookTooLong { seconds: u64 },
    #[error_type(transparent)]
    Bank(BankError),
}
#[automatically_derived]
#[allow(deprecated)]
impl ::tachograph::__private::ErrorType for PaymentError {
    fn error_type(&self) -> &'static str {
        match self {
            Self::CardDeclined { .. } => "card_declined",
            Self::TookTooLong { .. } => "timeout",
            Self::Bank { 0: __source } => {
                ::tachograph::__private::ErrorType::error_type(__source)
            }
        }
    }
}
struct BankError;
#[automatically_derived]
#[allow(deprecated)]
impl ::tachograph::__private::ErrorType for BankError {
    fn error_type(&self) -> &'static str {
        "BankError"
    }
}
