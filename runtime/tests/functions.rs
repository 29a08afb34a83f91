//! The metrics of annotated functions, through what the attributes expand to.

use tachograph::__private::{Call, Site, site};
use tachograph::Registry;

fn measured() {
    let mut call = Call::new();
    let _call = call.enter(site!(Site::new(|| {}).metered().family("taken")));
}

#[test]
fn an_instrument_cannot_have_the_name_of_a_function_metric() {
    measured();
    let built = Registry::new().gauge("Taken.Calls").build();
    let message = built.unwrap_err().to_string();
    let function = format!(
        "a metric of the function `functions::measured` at {}:",
        file!()
    );
    assert!(message.contains(&function), "{message}");
    assert!(Registry::new().gauge("taken").build().is_ok());
    assert_eq!(Registry::check_functions(), Ok(()));
}
