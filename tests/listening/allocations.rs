//! The hot paths allocate nothing once a thread has made its first calls, but for a duration that is the first between two
//! powers of two.

use std::collections::BTreeSet;
use std::hint::black_box;
use std::pin::pin;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use tachograph::collector::{Collector, Spans};
use tachograph::metrics::{Metric, MetricData};
use tachograph::testing::Recorder;
use tachograph::trace::Span;
use tachograph::{Label, Registry, listener, metered, traced};
use tachograph_tests::futures::{pending, poll};

/// So few that their spans, four a call at most, fit into what one thread holds (32 KiB): beyond that it takes another
/// chunk, whose allocation is shared by the spans in it.
const CALLS: u64 = 50;

/// Calls a function often enough that all its buffers are there, then counts what further calls allocate.
///
/// One at a time: a thread whose chunk is full takes one that was given back, or allocates it if another thread is just
/// taking one.
#[track_caller]
fn check(call: impl Fn(u64)) {
    static SPANS: LazyLock<Collector<Spans>> = LazyLock::new(|| Collector::install().unwrap());
    static TURN: Mutex<()> = Mutex::new(());

    listener::start();
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let calls = || (0..CALLS).for_each(&call);
    for _ in 0..10 {
        calls();
        drop(SPANS.drain(usize::MAX));
    }
    let before = octaves();
    let allocations = allocation_counter::measure(calls);
    let new_octaves = octaves() - before;
    assert!(
        allocations.count_total <= new_octaves,
        "{allocations:?}, {new_octaves} new octaves"
    );
}

/// From how many powers of two to the next there are durations, of each series of the functions here. On a busy machine
/// a call may take longer than any before at any time, and then make room to count it.
fn octaves() -> u64 {
    let snapshot = Registry::global().snapshot();
    let durations = snapshot.metric("function.calls.duration");
    let Some(MetricData::ExponentialHistogram(points)) = durations.map(Metric::data) else {
        return 0;
    };
    let here = points
        .iter()
        .filter(|point| point.label("module") == Some(module_path!()));
    let octaves = here.map(|point| {
        let value = point.value();
        // An octave of nanoseconds begins above 2^-30 seconds; zeros are counted in that of the first nanosecond.
        let shift = 30 << value.scale();
        let positive = value.positive();
        let positive = positive.map(|(index, _)| (index + shift) >> value.scale());
        let zeros = (value.zero_count() > 0).then_some(0);
        positive.chain(zeros).collect::<BTreeSet<_>>().len()
    });
    octaves.sum::<usize>() as u64
}

/// However long it is until a duration has the length that no other had, the call makes room for it in one piece.
#[test]
fn a_call_between_powers_of_two_where_none_was() {
    #[metered]
    fn wait(recorder: &Recorder, nanos: u64) {
        recorder.clock().advance(Duration::from_nanos(nanos));
    }

    let recorder = Recorder::new();
    let call = |nanos| {
        let call = || recorder.in_scope(|| wait(&recorder, nanos));
        allocation_counter::measure(call).count_total
    };
    call(1);
    for octave in 1..40 {
        assert!(call(1 << octave) <= 1, "{octave}");
        assert_eq!(call(1 << octave), 0, "{octave}");
    }
    let calls = || (0..40).for_each(|octave| recorder.in_scope(|| wait(&recorder, 1 << octave)));
    assert_eq!(allocation_counter::measure(calls).count_total, 0);
}

#[metered]
fn count(n: u64) -> u64 {
    black_box(n)
}

#[metered]
fn fail(n: u64) -> Result<u64, u64> {
    Err(black_box(n))
}

#[test]
fn a_metered_call() {
    check(|n| _ = count(n));
    check(|n| _ = fail(n));
}

#[metered(name = "exponential", buckets = exponential)]
fn wait_exponentially(recorder: &Recorder, nanos: u64) {
    recorder.clock().advance(Duration::from_nanos(nanos));
}

/// The first duration between two powers of two makes its cells, so they must come again.
#[test]
fn a_call_with_exponential_buckets() {
    let recorder = Recorder::new();
    check(|n| recorder.in_scope(|| wait_exponentially(&recorder, n)));
}

#[derive(Clone, Copy)]
struct IsOdd(bool);

impl Label for IsOdd {
    const VALUES: &'static [&'static str] = &["even", "odd"];

    fn index(&self) -> usize {
        self.0.into()
    }
}

#[metered(labels(parity = parity, region = "eu"))]
fn label(parity: IsOdd) {
    black_box(parity.0);
}

#[test]
fn a_metered_call_with_labels() {
    check(|n| label(IsOdd(n % 2 == 1)));
}

#[metered(labels(user(user, max = 8), parity = parity))]
fn label_text(user: &str, parity: IsOdd) -> Result<(), usize> {
    if parity.0 { Err(user.len()) } else { Ok(()) }
}

/// A combination of labels gets its cells from its first call, and no other allocates; here all take no time, so none is
/// the first between two powers of two.
#[test]
fn a_metered_call_with_labels_after_the_first_of_its_combination() {
    let recorder = Recorder::new();
    let call_all = || {
        for (user, parity) in [
            ("ada", true),
            ("ada", false),
            ("grace", true),
            ("grace", false),
        ] {
            _ = label_text(black_box(user), IsOdd(black_box(parity)));
        }
    };
    let allocations = recorder.in_scope(|| {
        call_all();
        allocation_counter::measure(|| (0..CALLS).for_each(|_| call_all()))
    });
    assert_eq!(allocations.count_total, 0, "{allocations:?}");
}

#[metered(labels(from(from, max = 250), to(to, max = 250)))]
fn travel(from: u32, to: u32) {
    let _ = (from, to);
}

#[test]
fn the_first_of_many_combinations_allocates_no_more_than_a_few_series() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        let allocations = allocation_counter::measure(|| travel(1, 2));
        assert!(allocations.bytes_max < 4_096, "{allocations:?}");
        travel(1, 2);
        let next = allocation_counter::measure(|| travel(1, 3));
        assert!(next.bytes_max < 1_024, "{next:?}");
    });
}

#[traced]
fn trace(n: u64) -> u64 {
    black_box(n)
}

#[traced(fields(n, half = n / 2, is_odd = n % 2 == 1))]
fn trace_fields(n: u64) -> u64 {
    trace(n)
}

#[test]
fn a_traced_call_without_owned_fields() {
    check(|n| _ = trace(n));
    check(|n| _ = trace_fields(n));
}

#[traced(fields(a = n, b = n, c = n, d = n))]
fn trace_integers(n: u64) -> u64 {
    black_box(n)
}

#[test]
fn a_traced_call_with_four_integers() {
    check(|n| _ = trace_integers(n));
}

#[traced(fields(n))]
#[metered]
fn fused(n: u64) -> Result<u64, u64> {
    Ok(trace(n))
}

#[test]
fn a_call_that_is_both() {
    check(|n| _ = fused(n));
}

#[traced]
#[metered]
async fn wait(n: u64) -> u64 {
    pending(2).await;
    black_box(n)
}

#[test]
fn an_asynchronous_call() {
    check(|n| {
        let mut future = pin!(wait(n));
        while poll(future.as_mut()).is_pending() {}
    });
}

#[traced(enter_on_poll, fields(n))]
async fn wait_poll_by_poll(n: u64) -> u64 {
    pending(2).await;
    black_box(n)
}

#[test]
fn an_asynchronous_call_whose_polls_are_spans() {
    check(|n| {
        let mut future = pin!(wait_poll_by_poll(n));
        while poll(future.as_mut()).is_pending() {}
    });
}

#[test]
fn what_is_set_on_the_current_span() {
    #[traced]
    fn set(n: u64) {
        Span::current().set_attribute("n", n);
    }

    check(set);
}

#[test]
fn instruments() {
    let registry = Registry::global();
    let family = registry.counter("hits").with_labels(["tier", "region"]);
    let family = family.build().unwrap();
    let (count, level) = (
        registry.up_down_counter("open").build().unwrap(),
        registry.gauge("level").build().unwrap(),
    );
    let sizes = registry.histogram("size").build().unwrap();
    let waits = registry.histogram("wait").with_exponential_buckets();
    let waits = waits.build().unwrap();
    check(|n| {
        family.get(["paid", "eu"]).add(n);
        count.add(-1);
        level.set(0.5);
        sizes.record(1.5);
        for value in [0.0, 1.5, -1e9] {
            waits.record(value);
        }
    });
}
