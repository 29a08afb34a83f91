//! The warehouse: slow, and sometimes empty.

use std::time::Duration;

use tachograph::trace::Span;
use tachograph::{metered, traced};
use tokio::time::sleep;

#[derive(Debug, thiserror::Error)]
#[error("only {left} left of {wanted}")]
pub(crate) struct SoldOut {
    wanted: u32,
    left: u32,
}

/// Puts items aside for an order.
#[traced]
#[metered]
pub(crate) async fn reserve(items: u32) -> Result<(), SoldOut> {
    for item in 0..items {
        if fetch(item).await == Shelf::Empty {
            return Err(SoldOut {
                wanted: items,
                left: item,
            });
        }
    }
    Ok(())
}

#[derive(PartialEq)]
enum Shelf {
    Full,
    Empty,
}

/// Walks to a shelf.
#[traced(fields(item))]
#[metered]
async fn fetch(item: u32) -> Shelf {
    sleep(Duration::from_micros(fastrand::u64(100..600))).await;
    if fastrand::u32(..100) == 0 {
        Span::current().add_event("shelf.empty", []);
        return Shelf::Empty;
    }
    Shelf::Full
}

/// What goes well with an item. It takes its time, and callers tend to give up on it.
#[traced]
#[metered]
pub(crate) async fn recommend(item: u32) -> Vec<u32> {
    sleep(Duration::from_millis(u64::from(item % 3) * 4)).await;
    vec![item + 1, item + 2]
}

/// Counts what is in stock. Nobody calls it: it is on `/debug/functions` and at zero on `/metrics` all the same.
#[traced]
#[metered]
#[expect(
    dead_code,
    reason = "shows a function that is listed before its first call"
)]
pub(crate) fn take_stock() -> usize {
    0
}
