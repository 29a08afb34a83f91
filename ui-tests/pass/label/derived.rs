//! Derived labels in code that hides the names they could be confused with.

#![deny(warnings)]
#![no_implicit_prelude]

use ::tachograph::{Label, metered};

#[derive(Label)]
#[label(rename_all = "kebab-case", crate = ::tachograph)]
enum Option {
    Some,
    r#None,
    #[deprecated]
    Ok,
}

#[metered(labels(option = option))]
fn choose(option: &Option) {
    let _ = option;
}

fn main() {
    choose(&Option::Some);
    choose(&Option::None);
    #[allow(deprecated)]
    choose(&Option::Ok);
    ::std::assert_eq!(Option::VALUES, ["some", "none", "ok"]);
    ::std::assert_eq!(Option::None.index(), 1);
}
