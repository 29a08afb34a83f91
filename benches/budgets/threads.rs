//! Two threads that call one function: what each call costs then, and how much more gets done than on one thread; and
//! many threads, which share the processors.

use std::hint;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;
use std::time::Instant;

use rustix::time::ClockId;

use crate::metered::{ours, with_handles, with_macros};
use crate::peers::settle_metrics;
use crate::runner::{Contender, Table, calls, median, per_call, processor_time};

const CALLS: u64 = 30_000;
const ROUNDS: usize = 21;
/// More threads than processors: what they get done is what the processors do, if threads cost nothing.
const CROWD: u8 = 16;

pub(crate) fn rows(table: &mut Table) {
    let name = "`#[metered]`, two threads on one function";
    if !table.wants(name) {
        return;
    }
    let contenders = [
        Contender::new("ours", calls!(n => ours(n))),
        Contender::new("`metrics` handles", calls!(n => with_handles(n)))
            .settled_by(settle_metrics),
        Contender::new("`metrics` macros", calls!(n => with_macros(n))).settled_by(settle_metrics),
    ];
    let mut figures = contenders.map(|contender| (contender, [const { Vec::new() }; 3]));
    for _ in 0..ROUNDS {
        for (contender, [alone, together, crowded]) in &mut figures {
            alone.extend(on_threads(1, contender));
            together.extend(on_threads(2, contender));
            crowded.push(turn(CROWD, contender).0);
        }
    }
    println!();
    println!(
        "| {name} | nanoseconds a call | throughput of two threads over one | of {CROWD} threads over two |"
    );
    println!("|---|---|---|---|");
    println!("| budget | 32 | 1.95 | 0.95 |");
    for (contender, figures) in figures {
        let [alone, together, crowded] = figures.map(|figures| median(figures.into_iter()));
        println!(
            "| {} | {together:.1} | {:.2} | {:.2} |",
            contender.name,
            2.0 * alone / together,
            together / crowded
        );
    }
}

/// Processor time of a call when so many threads make calls at once.
///
/// When the machine had other work for a processor, the threads took turns, which is not what is asked: of several
/// tries the one that was disturbed least counts, and none on a machine that is too busy.
fn on_threads(threads: u8, contender: &Contender) -> Option<f64> {
    const TRIES: usize = 10;
    const UNDISTURBED: f64 = 1.1;

    let tries = (0..TRIES).map(|_| {
        let (processor, wall) = turn(threads, contender);
        (contender.settle)();
        (wall / processor, processor)
    });
    let (disturbance, processor) = tries.min_by(|(one, _), (other, _)| one.total_cmp(other))?;
    (disturbance < UNDISTURBED).then_some(processor)
}

/// The mean processor time of a call, and its wall time from the start of the first to the end of the last.
fn turn(threads: u8, contender: &Contender) -> (f64, f64) {
    let ready = AtomicU8::new(0);
    let measure = || {
        ready.fetch_add(1, Ordering::Relaxed);
        // Not a barrier that sleeps: waking up takes as long as hundreds of calls.
        while ready.load(Ordering::Relaxed) < threads {
            if threads == CROWD {
                thread::yield_now();
            } else {
                hint::spin_loop();
            }
        }
        let (start, processor) = (Instant::now(), processor_time(ClockId::ThreadCPUTime));
        (contender.run)(CALLS);
        let processor = processor_time(ClockId::ThreadCPUTime) - processor;
        (per_call(processor, CALLS), start, Instant::now())
    };
    let times: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(measure)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("calls do not panic"))
            .collect()
    });
    let mean = times.iter().map(|(processor, ..)| processor).sum::<f64>() / f64::from(threads);
    let start = times.iter().map(|(_, start, _)| *start).min();
    let end = times.iter().map(|(.., end)| *end).max();
    let wall = start
        .zip(end)
        .map_or(0, |(start, end)| (end - start).as_nanos());
    (
        mean,
        per_call(i64::try_from(wall).unwrap_or(i64::MAX), CALLS),
    )
}
