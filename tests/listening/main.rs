//! What holds while the whole process listens: every test here starts listening, and none stops it.

mod allocations;

use tachograph::trace::Context;
use tachograph::{Registry, listener};
use tachograph_tests::counting;

#[test]
fn counts_of_the_process_are_neither_ahead_nor_behind() {
    listener::start();
    counting::check(Registry::global(), &Context::default());
}
