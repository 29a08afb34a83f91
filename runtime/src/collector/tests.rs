//! Writers against the reader. Each test has places of its own, and each thread a seat that it holds itself.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::Limits;
use super::waiting::Waiting;
use super::writer::Seat;
use crate::packed::{Batch, WORD};

/// Words of a head: the length, which thread wrote it, and how many that thread had written before.
const HEAD: usize = 3;
/// What a thread may write before it tells, in records without items, and one more.
const UNTOLD: usize = 512 / HEAD + 1;

fn waiting(limits: Limits) -> &'static Waiting {
    let waiting: &'static Waiting = Box::leak(Box::new(Waiting::new()));
    waiting.set_limits(limits);
    waiting
}

fn unlimited() -> &'static Waiting {
    let limits = Limits::default().with_records(usize::MAX);
    waiting(limits.with_bytes(usize::MAX))
}

fn write(seat: &Seat, thread: u64, n: u64, items: &[u8]) {
    assert!(seat.write(&[0, thread, n], items));
}

/// Thread and number of each record, in their order.
fn read(batch: &Batch) -> Vec<(u64, u64)> {
    let word = |record: &[u8], at: usize| {
        let bytes = record[at * WORD..].first_chunk().unwrap();
        u64::from_le_bytes(*bytes)
    };
    let records = batch.records();
    let read = records.map(|record| {
        let (thread, n) = (word(record, 1), word(record, 2));
        let items = &record[HEAD * WORD..];
        let expected = items_of(n);
        assert!(items.is_empty() || items == expected, "{n}: {items:?}");
        (thread, n)
    });
    read.collect()
}

/// Items whose length and bytes depend on the number of their record.
fn items_of(n: u64) -> Vec<u8> {
    let words = usize::try_from(n * 7 % 23).unwrap();
    vec![n.to_le_bytes()[0]; words * WORD]
}

#[test]
fn each_record_is_taken_once_and_in_its_threads_order() {
    const THREADS: u64 = 6;
    const RECORDS: u64 = 20_000;
    let waiting = unlimited();
    let mut next = BTreeMap::new();
    let mut take = |max| {
        let batch = waiting.drain(max, |_| {});
        assert!(batch.len() <= max);
        for (thread, n) in read(&batch) {
            let expected = next.entry(thread).or_insert(0);
            assert_eq!(n, *expected, "of thread {thread}");
            *expected += 1;
        }
        batch.len()
    };
    thread::scope(|scope| {
        let threads = (0..THREADS).map(|thread| {
            scope.spawn(move || {
                let seat = Seat::new(waiting);
                (0..RECORDS).for_each(|n| write(&seat, thread, n, &items_of(n)));
            })
        });
        let threads = threads.collect::<Vec<_>>();
        for max in (1..).map(|n| n * 37 % 1_000) {
            let is_over = threads.iter().all(thread::ScopedJoinHandle::is_finished);
            if take(max) == 0 && max > 0 && is_over {
                break;
            }
        }
    });
    assert_eq!(next, (0..THREADS).map(|thread| (thread, RECORDS)).collect());
    assert_eq!(waiting.records(), 0);
    assert_eq!(waiting.words(), 0, "everything that was told was taken");
}

#[test]
fn what_is_begun_while_the_reader_looks_is_left_for_the_next_look() {
    let waiting = unlimited();
    let seat = Seat::new(waiting);
    write(&seat, 1, 0, &[]);
    let turn = waiting.next_turn();
    let last = (1..1_000).find(|&n| {
        write(&seat, 1, n, &[]);
        waiting.next_turn() > turn
    });
    let last = last.expect("the first chunk has an end");
    let numbers = |look_before| {
        let mut reader = waiting.reader.lock().unwrap();
        reader.look(waiting, look_before);
        let (chunks, words) = reader.waiting().fold((0, 0), |(chunks, words), reading| {
            (chunks + 1, words + reading.published.len)
        });
        (chunks, words / HEAD)
    };
    let first = usize::try_from(last).unwrap();
    assert_eq!(numbers(turn), (1, first), "the second chunk is not seen");
    assert_eq!(numbers(turn + 1), (2, first + 1));
}

#[test]
fn what_an_idle_thread_has_started_is_taken_without_it() {
    let waiting = unlimited();
    let seat = Seat::new(waiting);
    for n in 0..3 {
        write(&seat, 1, n, &[]);
        assert_eq!(read(&waiting.drain(9, |_| {})), [(1, n)]);
        assert_eq!(waiting.drain(9, |_| {}).len(), 0);
    }
}

#[test]
fn a_mark_is_passed_when_what_waited_is_taken() {
    let waiting = unlimited();
    let seats = [(); 3].map(|()| Seat::new(waiting));
    let records = 3_000_u64;
    for seat in &seats {
        (0..records).for_each(|n| write(seat, 0, n, &[]));
    }
    let mut mark = super::Mark::new(waiting);
    let (mut taken, mut later) = (0, 0);
    while !mark.is_taken() {
        taken += waiting.drain(100, |_| {}).len();
        // Fewer than are taken, so that there is an end.
        later += 1;
        write(&seats[0], 0, 0, &[]);
    }
    assert!((9_000..=9_000 + later).contains(&taken), "{taken}");
}

#[test]
fn what_is_too_much_is_counted_to_the_last() {
    const THREADS: usize = 4;
    const RECORDS: usize = 3_000;
    let waiting = waiting(Limits::default().with_records(1_000));
    let mut all_kept = 0;
    for round in 1..=2 {
        thread::scope(|scope| {
            for thread in 0..THREADS as u64 {
                scope.spawn(move || {
                    let seat = Seat::new(waiting);
                    (0..RECORDS as u64).for_each(|n| write(&seat, thread, n, &[]));
                });
            }
        });
        let kept = waiting.drain(usize::MAX, |_| {}).len();
        assert!((1_000..=1_000 + THREADS * UNTOLD).contains(&kept), "{kept}");
        // Once there is room everything is as before.
        all_kept += kept;
        let dropped = usize::try_from(waiting.dropped()).unwrap();
        assert_eq!(all_kept + dropped, round * THREADS * RECORDS);
        assert_eq!(waiting.records(), 0);
    }
}

#[test]
fn bytes_are_bounded_too() {
    const BOUND: usize = 256 << 10;
    let waiting = waiting(Limits::default().with_bytes(BOUND));
    let seats = [(); 2].map(|()| Seat::new(waiting));
    let large = vec![7; 1_000];
    for n in 0..1_000 {
        for seat in &seats {
            seat.write(&[0, 0, n], &large);
        }
    }
    let batch = waiting.drain(usize::MAX, |_| {});
    let bytes = batch.records().map(<[u8]>::len).sum::<usize>();
    let excess = 2 * (4 << 10) + 2 * 1_024;
    assert!(
        (BOUND * 9 / 10..=BOUND + excess).contains(&bytes),
        "{bytes}"
    );
    assert_eq!(waiting.dropped(), 2_000 - batch.len() as u64);
}

#[test]
fn a_record_larger_than_any_chunk_is_kept_whole() {
    let waiting = unlimited();
    let seat = Seat::new(waiting);
    let lengths = [8, 100_000, 16, 1 << 20, 24];
    for len in lengths {
        seat.write(&[0, 0, 0], &vec![1; len]);
    }
    let batch = waiting.drain(usize::MAX, |_| {});
    let read = batch.records().map(|record| record.len() - HEAD * WORD);
    assert_eq!(read.collect::<Vec<_>>(), lengths);
}

#[test]
fn threads_that_come_and_go_leave_few_chunks_behind() {
    let waiting = unlimited();
    for round in 0..50 {
        for n in 0..100 {
            write(&Seat::new(waiting), 1, n, &[]);
        }
        if round % 10 == 9 {
            assert_eq!(waiting.records(), 1_000);
            assert_eq!(waiting.drain(usize::MAX, |_| {}).len(), 1_000);
        }
    }
    let seats = (0..200).map(|_| Seat::new(waiting)).collect::<Vec<_>>();
    for seat in &seats {
        (0..2_000).for_each(|n| write(seat, 1, n, &[]));
    }
    drop(seats);
    assert_eq!(waiting.drain(usize::MAX, |_| {}).len(), 400_000);
    // Spare ones of two sizes, and those of threads that ended.
    let chunks = waiting.lock_reader().chunk_count();
    assert!(chunks <= 32 + 32 + 16, "{chunks}");
    assert_eq!(waiting.words(), 0);
}

#[test]
fn somebody_is_woken_once_until_something_is_taken() {
    let waiting = unlimited();
    let woken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&woken);
    waiting.set_waker(
        1_000,
        Some(Arc::new(move || {
            count.fetch_add(1, Ordering::Relaxed);
        })),
    );
    let seat = Seat::new(waiting);
    let write_some = |records| (0..records).for_each(|n| write(&seat, 1, n, &[]));
    write_some(900);
    assert_eq!(woken.load(Ordering::Relaxed), 0);
    write_some(9_000);
    assert_eq!(woken.load(Ordering::Relaxed), 1);
    // More than enough is left.
    let _ = waiting.drain(1, |_| {});
    write_some(2_000);
    assert_eq!(woken.load(Ordering::Relaxed), 2);
    let _ = waiting.drain(usize::MAX, |_| {});
    write_some(900);
    assert_eq!(woken.load(Ordering::Relaxed), 2);
}
