//! All interleavings that the memory model allows, of those who count calls and one who reads:
//! `RUSTFLAGS="--cfg loom" cargo test -p tachograph --lib loom`.

use super::figures::ResultFigures;
use super::series::CallResult;
use super::thread::ThreadCells;
use loom::sync::Arc;
use loom::thread;

/// What a snapshot reads of some threads' cells: the ends first.
fn read(all: &[Arc<ThreadCells>]) -> (ResultFigures, u64) {
    let mut figures = ResultFigures::default();
    for cells in all {
        figures.add_cells(cells.existing(CallResult::Ok).unwrap());
    }
    let started = all.iter().map(|cells| cells.started()).sum();
    (figures, started)
}

/// One call of so many nanoseconds.
fn call(cells: &ThreadCells, nanos: u64) {
    cells.count_start();
    let ok = cells.of(CallResult::Ok);
    ok.add_nanos(nanos, cells.is_exclusive);
    ok.count(0, cells.is_exclusive);
}

#[test]
fn a_counted_duration_is_in_the_sum_that_carries() {
    const NANOS: u64 = 3 << 61;
    loom::model(|| {
        let cells = Arc::new(ThreadCells::new(true));
        // Rows are made behind a lock that loom does not know.
        let ok = cells.of(CallResult::Ok);
        ok.tally(super::thread::CARRIED, true);
        ok.tally(super::thread::CARRIED, true);
        ok.count(1, true);
        let reader = {
            let cells = [Arc::clone(&cells)];
            thread::spawn(move || {
                let (figures, started) = read(&cells);
                let ended = figures.timed() - 1;
                assert!(ended <= started, "{ended} of {started}");
                let sum = figures.nanos - (2_u128 << 63);
                let possible = (ended..=2).map(|calls| u128::from(calls) * u128::from(NANOS));
                assert!(
                    possible.collect::<Vec<_>>().contains(&sum),
                    "{ended}: {sum}"
                );
            })
        };
        call(&cells, NANOS);
        call(&cells, NANOS);
        reader.join().unwrap();
        assert_eq!(read(&[cells]).0.nanos, (2 << 63) + 2 * u128::from(NANOS));
    });
}

#[test]
fn threads_that_share_a_slot_lose_nothing() {
    loom::model(|| {
        let cells = Arc::new(ThreadCells::new(false));
        cells.of(CallResult::Ok).count(1, false);
        let threads = [1, 2].map(|nanos| {
            let cells = Arc::clone(&cells);
            thread::spawn(move || call(&cells, nanos))
        });
        for thread in threads {
            thread.join().unwrap();
        }
        let (figures, started) = read(&[cells]);
        assert_eq!((figures.timed() - 1, started, figures.nanos), (2, 2, 3));
    });
}

#[test]
fn a_count_that_its_cell_does_not_hold_yet_is_seen_and_none_goes_back() {
    loom::model(|| {
        let cells = Arc::new(ThreadCells::new(true));
        let ok = cells.of(CallResult::Ok);
        // The row is there before anybody reads, for the reason above.
        ok.count(0, true);
        let reader = {
            let cells = [Arc::clone(&cells)];
            thread::spawn(move || {
                let counts = || {
                    let (figures, _) = read(&cells);
                    let counts = figures.rows.get(&0).copied().unwrap_or_default();
                    let sum = figures.nanos;
                    assert!(sum >= u128::from(counts[0] - 1 + 2 * counts[1]), "{sum}");
                    counts
                };
                let first = counts();
                let second = counts();
                let both = first.iter().zip(&second);
                assert!(
                    both.clone().all(|(first, second)| first <= second),
                    "{both:?}"
                );
            })
        };
        ok.add_nanos(2, true);
        ok.count(1, true);
        ok.add_nanos(1, true);
        ok.count(0, true);
        reader.join().unwrap();
        assert_eq!(read(&[cells]).0.rows[&0][..2], [2, 1]);
    });
}
