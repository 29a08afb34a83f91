//! Counts under eight threads, while snapshots are taken. See `listening` for the same without a recorder.

use tachograph::testing::Recorder;
use tachograph::trace::Context;
use tachograph_tests::counting;

#[test]
fn counts_of_a_recorder_are_neither_ahead_nor_behind() {
    let recorder = Recorder::new();
    let context = recorder.in_scope(Context::current);
    counting::check(recorder.registry(), &context);
}
