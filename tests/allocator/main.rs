//! An annotated allocator: what telemetry itself allocates comes back to it, and neither hangs nor recurses without end.
#![expect(unsafe_code, reason = "an allocator is an unsafe trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use tachograph::metrics::MetricData;
use tachograph::trace::Span;
use tachograph::{Registry, listener, metered, traced};

struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

#[metered]
#[traced]
fn count(size: usize) {
    ALLOCATIONS.fetch_add(u64::from(size > 0), Ordering::Relaxed);
}

// SAFETY: the system's allocator does the work.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        // SAFETY: what the caller promises is what the system's allocator asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(layout.size());
        // SAFETY: as above, and the pointer comes from there.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[metered]
#[traced(fields(n, text = %n))]
fn work(n: u32) -> Vec<u32> {
    Span::current().add_event("worked", []);
    Span::current().set_attribute("text", n.to_string());
    vec![n; 16]
}

fn calls(function: &str) -> u64 {
    let snapshot = Registry::global().snapshot();
    let metric = snapshot
        .metric("function.calls")
        .expect("calls are counted");
    let MetricData::Counter(points) = metric.data() else {
        panic!("calls are counted");
    };
    let of_function = points
        .iter()
        .filter(|it| it.label("function") == Some(function));
    of_function.map(|point| point.value()).sum()
}

#[test]
fn an_allocator_may_be_annotated() {
    listener::start();
    let all = |threads: u32| {
        let threads: Vec<_> = (0..threads)
            .map(|_| thread::spawn(|| (0..1_000).map(|n| work(n).len()).sum::<usize>()))
            .collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), 16_000);
        }
    };
    all(1);
    all(8);
    assert_eq!(calls("work"), 9_000);
    // Those that telemetry itself made on its way to count one are left out.
    let counted = calls("count");
    assert!(
        counted > 9_000 && counted <= ALLOCATIONS.load(Ordering::Relaxed),
        "{counted}"
    );
    listener::stop();
}
