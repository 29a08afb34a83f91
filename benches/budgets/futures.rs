//! The room that nested calls take: of a future, with an argument of 64 bytes that is held to the end, and of the stack.

use std::cell::RefCell;
use std::future::ready;
use std::hint::black_box;
use std::ptr;

use crate::runner::{Table, print};

thread_local! {
    /// Where the stack ended at each level.
    static ENDS: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

macro_rules! nested {
    ({ $($attribute:tt)* } $function:ident $inner:ident $($rest:ident)*) => {
        $($attribute)*
        pub(super) async fn $function(argument: [u8; 64]) -> u8 {
            $inner(argument).await
        }

        nested!({ $($attribute)* } $inner $($rest)*);
    };
    ({ $($attribute:tt)* } $last:ident) => {
        $($attribute)*
        async fn $last(argument: [u8; 64]) -> u8 {
            ready(()).await;
            argument[0]
        }
    };
}

macro_rules! levels {
    ($module:ident: $($attribute:tt)*) => {
        mod $module {
            use super::{black_box, bytes_a_level, note, ready};

            nested!({ $($attribute)* } twelve eleven ten nine eight seven six five four three two one);

            $($attribute)*
            fn down(levels: u8) -> u8 {
                note();
                if levels == 0 { 0 } else { black_box(down(levels - 1)) + 1 }
            }

            /// Of futures that are 4, 8 and 12 levels deep.
            pub(super) fn futures() -> [usize; 3] {
                let argument = [0; 64];
                [
                    size_of_val(&four(argument)),
                    size_of_val(&eight(argument)),
                    size_of_val(&twelve(argument)),
                ]
            }

            pub(super) fn stack() -> usize {
                bytes_a_level(|| _ = black_box(down(20)))
            }
        }
    };
}

// `#[instrument]` cannot nest thirteen: the compiler gives up at its limit of recursion.
levels!(plain:);
levels!(both: #[tachograph::traced] #[tachograph::metered]);
levels!(instrumented: #[tracing::instrument(skip_all)]);
levels!(fastraced: #[fastrace::trace]);

#[inline(never)]
fn note() {
    let here = 0_u8;
    let end = ptr::from_ref(black_box(&here)).addr();
    ENDS.with_borrow_mut(|ends| ends.push(end));
}

/// Bytes of stack that one level takes, on average without the first.
fn bytes_a_level(run: impl FnOnce()) -> usize {
    ENDS.take();
    run();
    let ends = ENDS.take();
    (ends[1] - ends[ends.len() - 1]) / (ends.len() - 2)
}

pub(crate) fn rows(table: &mut Table) {
    let plain = plain::futures();
    let figures = [
        both::futures(),
        instrumented::futures(),
        fastraced::futures(),
    ];
    for (place, levels, budget) in [(0, 4, Some(740)), (1, 8, None), (2, 12, None)] {
        let name = format!(
            "bytes of a future, {levels} nested calls (bare: {})",
            plain[place]
        );
        row(table, &name, budget, figures.map(|sizes| sizes[place]));
    }
    let name = format!("bytes of stack a call (bare: {})", plain::stack());
    let figures = [both::stack(), instrumented::stack(), fastraced::stack()];
    row(table, &name, None, figures);
}

/// Ours, and those of `#[instrument]` and fastrace.
fn row(table: &mut Table, name: &str, budget: Option<u32>, figures: [usize; 3]) {
    if !table.wants(name) {
        return;
    }
    let bytes = |bytes| f64::from(u32::try_from(bytes).expect("a few thousand"));
    let [ours, instrumented, fastraced] = figures.map(bytes);
    let figures = [
        ("", ours),
        ("`#[instrument]`", instrumented),
        ("fastrace", fastraced),
    ];
    print(name, budget.map(f64::from), &figures);
}
