//! The derives.

#[derive(Label)]
#[label(rename_all = "snake_case")]
enum Tier {
    Free,
    PaidYearly,
    #[label(rename = "staff")]
    OneOfUs,
}
