//! All interleavings that the memory model allows, of two writers and a reader:
//! `RUSTFLAGS="--cfg loom" cargo test -p tachograph --lib loom`.

use super::*;
use loom::sync::{Arc, Mutex};
use loom::thread;

const STARTED: usize = 0;
const ENDED: usize = 1;

fn exclusive(block: &Block) -> Writer<'_> {
    Writer {
        block,
        is_exclusive: true,
    }
}

fn shared(block: &Block) -> Writer<'_> {
    Writer {
        block,
        is_exclusive: false,
    }
}

/// Reads as a snapshot does: the ends first.
///
/// Spawn it last, so that it comes last in loom's first execution: loom 0.7 forgets that the reader loaded a cell
/// when the writer loads it too, before it stores.
fn reader<const N: usize>(blocks: [&Arc<Block>; N]) -> thread::JoinHandle<()> {
    let blocks = blocks.map(Arc::clone);
    thread::spawn(move || {
        let sum = |index| blocks.iter().map(|block| block.get(index)).sum::<u64>();
        let (ended, started) = (sum(ENDED), sum(STARTED));
        assert!(ended <= started, "{ended} of {started}");
    })
}

#[test]
fn an_end_is_not_seen_before_its_start() {
    loom::model(|| {
        let block = Arc::new(Block::new(2));
        let reader = reader([&block]);
        for _ in 0..2 {
            exclusive(&block).add(STARTED, 1);
            exclusive(&block).add_release(ENDED, 1);
        }
        reader.join().unwrap();
    });
}

#[test]
fn an_end_in_another_row_is_not_seen_before_its_start() {
    loom::model(|| {
        // As in `FunctionCells`: all calls start in one row, and the labels of their results choose where they end.
        let (row, end) = (Arc::new(Block::new(2)), Arc::new(Block::new(2)));
        let reader = reader([&row, &end]);
        for ends_in in [&end, &row] {
            exclusive(&row).add(STARTED, 1);
            exclusive(ends_in).add_release(ENDED, 1);
        }
        reader.join().unwrap();
    });
}

#[test]
fn a_call_that_ends_on_another_thread_is_not_seen_before_its_start() {
    loom::model(|| {
        let (here, there) = (Arc::new(Block::new(2)), Arc::new(Block::new(2)));
        let written = Arc::clone(&there);
        // A future moves to another thread through some lock or channel of its executor.
        let moving = Arc::new(Mutex::new(false));
        let moved = Arc::clone(&moving);
        let ends = thread::spawn(move || {
            if *moved.lock().unwrap() {
                exclusive(&written).add_release(ENDED, 1);
            }
        });
        let reader = reader([&here, &there]);
        exclusive(&here).add(STARTED, 1);
        *moving.lock().unwrap() = true;
        ends.join().unwrap();
        reader.join().unwrap();
    });
}

#[test]
fn a_reader_sees_an_exclusive_counter_only_grow() {
    loom::model(|| {
        let block = Arc::new(Block::new(1));
        let read = Arc::clone(&block);
        let reader = thread::spawn(move || {
            let (first, second) = (read.get(0), read.get(0));
            assert!(first <= second && second <= 3, "{first} then {second}");
        });
        (0..3).for_each(|_| exclusive(&block).add(0, 1));
        reader.join().unwrap();
        assert_eq!(block.get(0), 3);
    });
}

#[test]
fn a_slot_that_is_handed_over_loses_nothing() {
    loom::model(|| {
        // As in `slot`: a thread takes a slot from the free ones or shares another, and gives back what it took.
        let (owned, shared) = (Arc::new(Block::new(1)), Arc::new(Block::new(1)));
        let is_free = Arc::new(Mutex::new(true));
        let threads = [(); 2].map(|()| {
            let (owned, shared) = (Arc::clone(&owned), Arc::clone(&shared));
            let is_free = Arc::clone(&is_free);
            thread::spawn(move || {
                if std::mem::take(&mut *is_free.lock().unwrap()) {
                    exclusive(&owned).add(0, 1);
                    exclusive(&owned).add(0, 1);
                    *is_free.lock().unwrap() = true;
                } else {
                    self::shared(&shared).add(0, 2);
                }
            })
        });
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(owned.get(0) + shared.get(0), 4);
    });
}

#[test]
fn a_counted_value_is_in_the_sum() {
    loom::model(|| {
        let block = Arc::new(Block::new(2));
        let threads = [1.5, 2.0].map(|value| {
            let block = Arc::clone(&block);
            thread::spawn(move || {
                shared(&block).add_f64(0, value);
                shared(&block).add_release(1, 1);
            })
        });
        let count = block.get(1);
        let sum = f64::from_bits(block.get(0));
        assert!(
            sum >= [0.0, 1.5, 3.5][usize::try_from(count).unwrap()],
            "{count}: {sum}"
        );
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!((block.get(1), f64::from_bits(block.get(0))), (2, 3.5));
    });
}
