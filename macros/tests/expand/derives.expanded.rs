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
    fn index(&self) -> usize {
        match self {
            Self::Free => 0,
            Self::PaidYearly => 1,
            Self::OneOfUs => 2,
        }
    }
}
