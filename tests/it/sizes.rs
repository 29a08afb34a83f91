//! How much room the futures of annotated functions take.

use std::future::ready;

macro_rules! four_nested {
    ($module:ident $(, #[$attribute:meta])*) => {
        mod $module {
            use super::ready;

            $(#[$attribute])*
            pub(super) async fn first(argument: [u8; 64]) -> u8 {
                second(argument).await
            }

            $(#[$attribute])*
            async fn second(argument: [u8; 64]) -> u8 {
                third(argument).await
            }

            $(#[$attribute])*
            async fn third(argument: [u8; 64]) -> u8 {
                fourth(argument).await
            }

            $(#[$attribute])*
            async fn fourth(argument: [u8; 64]) -> u8 {
                ready(()).await;
                argument[0]
            }
        }
    };
}

four_nested!(plain);
four_nested!(metered, #[tachograph::metered]);
four_nested!(both, #[tachograph::metered], #[tachograph::traced]);
four_nested!(fields, #[tachograph::metered], #[tachograph::traced(fields(level = 1))]);

#[test]
fn a_second_attribute_takes_no_room_in_a_future() {
    let plain = size_of_val(&plain::first([0; 64]));
    let metered = size_of_val(&metered::first([0; 64]));
    let both = size_of_val(&both::first([0; 64]));
    let fields = size_of_val(&fields::first([0; 64]));
    assert_eq!(both, metered);
    assert_eq!(fields, both);
    assert!(both <= 740, "{both} bytes, and {plain} without attributes");
}
