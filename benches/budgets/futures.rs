//! The room that futures take: four nested calls, with an argument of 64 bytes that is held to the end.

use std::future::ready;

use crate::runner::{Table, print};

macro_rules! four_nested {
    ($module:ident: $(#[$attribute:meta])*) => {
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

four_nested!(plain:);
four_nested!(both: #[tachograph::traced] #[tachograph::metered]);
four_nested!(instrumented: #[tracing::instrument(skip_all)]);
four_nested!(fastraced: #[fastrace::trace]);

pub(crate) fn rows(table: &mut Table) {
    let argument = [0; 64];
    let plain = size_of_val(&plain::first(argument));
    let name = format!("bytes of a future, 4 nested calls (bare: {plain})");
    if table.wants(&name) {
        let figures = [
            ("", size_of_val(&both::first(argument))),
            (
                "`#[instrument]`",
                size_of_val(&instrumented::first(argument)),
            ),
            ("fastrace", size_of_val(&fastraced::first(argument))),
        ];
        let bytes = |bytes| f64::from(u32::try_from(bytes).expect("a few thousand"));
        let figures = figures.map(|(who, size)| (who, bytes(size)));
        print(&name, Some(740.0), &figures);
    }
}
