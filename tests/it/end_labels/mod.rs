//! `on_ok(..)` and `on_err(..)` of `#[metered]`: labels of the result.

mod series;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::time::Duration;

use tachograph::testing::Recorder;
use tachograph::{Label, metered, traced};
use tachograph_tests::check;
use tachograph_tests::futures::{block_on, pending, poll};

#[derive(Clone, Copy, Label)]
#[label(rename_all = "snake_case")]
enum Source {
    Cache,
    Disk,
}

#[derive(Clone, Copy, Label)]
#[label(rename_all = "snake_case")]
enum Tier {
    Free,
    Paid,
}

struct Page {
    source: Source,
    stale: bool,
}

struct Failed(u16);

impl Failed {
    fn code(&self) -> u16 {
        self.0
    }
}

/// What becomes of a call.
#[derive(Clone, Copy)]
enum Fate {
    Found(Source),
    Refused(u16),
    Torn,
}

impl Fate {
    fn come(self) -> Result<Page, Failed> {
        match self {
            Self::Found(source) => Ok(Page {
                source,
                stale: false,
            }),
            Self::Refused(code) => Err(Failed(code)),
            Self::Torn => panic!("out of paper"),
        }
    }
}

#[metered(
    labels(tier = tier),
    on_ok(source = ok.source, stale = ok.stale),
    on_err(code(err.code(), max = 2)),
)]
fn load(tier: Tier, fate: Fate) -> Result<Page, Failed> {
    fate.come()
}

#[test]
fn the_labels_of_a_call_that_ended_depend_on_how() {
    check(
        |_| {
            let _ = load(Tier::Paid, Fate::Found(Source::Disk));
            let _ = load(Tier::Paid, Fate::Found(Source::Cache));
            let _ = load(Tier::Free, Fate::Found(Source::Cache));
            for code in [404, 503, 404] {
                let _ = load(Tier::Free, Fate::Refused(code));
            }
            let torn = catch_unwind(AssertUnwindSafe(|| load(Tier::Free, Fate::Torn)));
            assert!(torn.is_err());
        },
        "",
        "
        function.calls{function=load,module=it::end_labels,result=error,tier=free,code=404} +2
        function.calls{function=load,module=it::end_labels,result=error,tier=free,code=503} +1
        function.calls{function=load,module=it::end_labels,result=ok,tier=free,source=cache,stale=false} +1
        function.calls{function=load,module=it::end_labels,result=ok,tier=paid,source=cache,stale=false} +1
        function.calls{function=load,module=it::end_labels,result=ok,tier=paid,source=disk,stale=false} +1
        function.calls{function=load,module=it::end_labels,result=panic,tier=free} +1
        function.calls.duration{function=load,module=it::end_labels,result=error,tier=free,code=404} +2 sum 0ns
        function.calls.duration{function=load,module=it::end_labels,result=error,tier=free,code=503} +1 sum 0ns
        function.calls.duration{function=load,module=it::end_labels,result=ok,tier=free,source=cache,stale=false} +1 sum 0ns
        function.calls.duration{function=load,module=it::end_labels,result=ok,tier=paid,source=cache,stale=false} +1 sum 0ns
        function.calls.duration{function=load,module=it::end_labels,result=ok,tier=paid,source=disk,stale=false} +1 sum 0ns
        function.calls.duration{function=load,module=it::end_labels,result=panic,tier=free} +1 sum 0ns
        ",
    );
}

#[metered(labels(tier = tier), on_ok(source = ok.source), on_err(code(err.code(), max = 2)))]
fn watched(recorder: &Recorder, tier: Tier) -> Result<Page, Failed> {
    recorder.assert_metric_deltas(
        "function.calls.in_flight{function=watched,module=it::end_labels,tier=paid} +1",
    );
    let _ = tier;
    Fate::Found(Source::Disk).come()
}

#[test]
fn a_call_that_ends_with_other_labels_is_in_flight_no_more() {
    let recorder = Recorder::new();
    let _ = recorder.in_scope(|| watched(&recorder, Tier::Paid));
    recorder.assert_metric_deltas(
        "
        function.calls{function=watched,module=it::end_labels,result=ok,tier=paid,source=disk} +1
        function.calls.duration{function=watched,module=it::end_labels,result=ok,tier=paid,source=disk} +1 sum 0ns
        function.calls.in_flight{function=watched,module=it::end_labels,tier=paid} -1
        ",
    );
}

#[traced(on_ok(source = %format!("{turns}{}", ok.stale)), on_err(status = err.code()))]
#[metered(on_ok(source = ok.source, waited = turns > 0), on_err(code(err.code(), max = 50), waited = "never"))]
async fn fetch(turns: u32, fate: Fate) -> Result<Page, Failed> {
    pending(turns).await;
    fate.come()
}

#[test]
fn futures_are_labelled_when_they_are_done() {
    check(
        |recorder| {
            let tick = || recorder.clock().advance(Duration::from_nanos(1));
            let _ = block_on(fetch(1, Fate::Found(Source::Cache)));
            tick();
            let _ = block_on(fetch(0, Fate::Refused(404)));
            tick();
            {
                let mut dropped = pin!(fetch(1, Fate::Refused(500)));
                assert!(poll(dropped.as_mut()).is_pending());
            }
            tick();
            let torn = catch_unwind(AssertUnwindSafe(|| block_on(fetch(0, Fate::Torn))));
            assert!(torn.is_err());
        },
        "
        end_labels::fetch 0ns source=1false
        end_labels::fetch 0ns status=404 error.type=it::end_labels::Failed [error]
        end_labels::fetch 0ns tachograph.cancelled=true
        end_labels::fetch 0ns error.type=panic [error]
        ",
        "
        function.calls{function=fetch,module=it::end_labels,result=cancelled} +1
        function.calls{function=fetch,module=it::end_labels,result=error,code=404,waited=never} +1
        function.calls{function=fetch,module=it::end_labels,result=ok,source=cache,waited=true} +1
        function.calls{function=fetch,module=it::end_labels,result=panic} +1
        function.calls.duration{function=fetch,module=it::end_labels,result=cancelled} +1 sum 0ns
        function.calls.duration{function=fetch,module=it::end_labels,result=error,code=404,waited=never} +1 sum 0ns
        function.calls.duration{function=fetch,module=it::end_labels,result=ok,source=cache,waited=true} +1 sum 0ns
        function.calls.duration{function=fetch,module=it::end_labels,result=panic} +1 sum 0ns
        ",
    );
}

#[metered(on_ok(large = *ok > limit))]
fn later(number: u64, limit: u64) -> impl Future<Output = u64> {
    async move { number }
}

#[test]
fn a_returned_future_is_labelled_by_its_output() {
    check(
        |_| assert_eq!(block_on(later(7, 5)), 7),
        "",
        "
        function.calls{function=later,module=it::end_labels,result=ok,large=true} +1
        function.calls.duration{function=later,module=it::end_labels,result=ok,large=true} +1 sum 0ns
        ",
    );
}

#[metered(error_if = |status| *status >= 500, on_ok(class = "fine"), on_err(class(err / 100, max = 5)))]
fn status(status: u16) -> u16 {
    status
}

#[metered(error_if = |_| true, on_ok(class = "found"), on_err(class = "found", code(err.code(), max = 9)))]
fn judged(fate: Fate) -> Result<Page, Failed> {
    fate.come()
}

#[metered(error_if = |_| true, on_ok(class = "same"), on_err(class = "same"))]
fn judged_alike(fate: Fate) -> Result<Page, Failed> {
    fate.come()
}

#[test]
fn both_sides_may_have_labels_of_one_name() {
    check(
        |_| {
            for code in [200, 404, 503] {
                status(code);
            }
            for fate in [Fate::Found(Source::Disk), Fate::Refused(404)] {
                let _ = judged(fate);
                let _ = judged_alike(fate);
            }
        },
        "",
        "
        function.calls{function=judged,module=it::end_labels,result=error,class=found,code=404} +1
        function.calls{function=judged,module=it::end_labels,result=error,class=found} +1
        function.calls{function=judged_alike,module=it::end_labels,result=error,class=same} +2
        function.calls{function=status,module=it::end_labels,result=error,class=5} +1
        function.calls{function=status,module=it::end_labels,result=ok,class=fine} +2
        function.calls.duration{function=judged,module=it::end_labels,result=error,class=found,code=404} +1 sum 0ns
        function.calls.duration{function=judged,module=it::end_labels,result=error,class=found} +1 sum 0ns
        function.calls.duration{function=judged_alike,module=it::end_labels,result=error,class=same} +2 sum 0ns
        function.calls.duration{function=status,module=it::end_labels,result=error,class=5} +1 sum 0ns
        function.calls.duration{function=status,module=it::end_labels,result=ok,class=fine} +2 sum 0ns
        ",
    );
}

#[metered(on_ok(text(ok, max = 10)))]
fn echo(text: &str) -> &str {
    text
}

#[test]
fn an_empty_label_is_none() {
    check(
        |_| assert_eq!(["", "a"].map(echo), ["", "a"]),
        "",
        "
        function.calls{function=echo,module=it::end_labels,result=ok,text=a} +1
        function.calls{function=echo,module=it::end_labels,result=ok} +1
        function.calls.duration{function=echo,module=it::end_labels,result=ok,text=a} +1 sum 0ns
        function.calls.duration{function=echo,module=it::end_labels,result=ok} +1 sum 0ns
        ",
    );
}

fn too_early(page: &Page) -> bool {
    assert!(!page.stale, "too early");
    true
}

#[traced(on_ok(early = too_early(ok)))]
#[metered(on_ok(source = ok.source))]
fn rotten() -> Result<Page, Failed> {
    Ok(Page {
        source: Source::Disk,
        stale: true,
    })
}

#[test]
fn fields_that_panic_take_no_labels_along() {
    check(
        |_| assert!(rotten().is_ok()),
        "end_labels::rotten 0ns",
        "
        function.calls{function=rotten,module=it::end_labels,result=ok,source=disk} +1
        function.calls.duration{function=rotten,module=it::end_labels,result=ok,source=disk} +1 sum 0ns
        tachograph.values.lost{function=rotten,module=it::end_labels,cause=panic} +1
        ",
    );
}

thread_local! {
    static LOOKED_AT: Cell<u32> = const { Cell::new(0) };
}

fn look_at(page: &Page) -> Source {
    LOOKED_AT.set(LOOKED_AT.get() + 1);
    page.source
}

#[traced]
#[metered(on_ok(source = look_at(ok)))]
fn watched_page() -> Result<Page, Failed> {
    Fate::Found(Source::Disk).come()
}

#[test]
fn a_result_is_looked_at_only_for_those_who_listen() {
    let _ = watched_page();
    assert_eq!(LOOKED_AT.get(), 0);
    let _ = Recorder::new().in_scope(watched_page);
    assert_eq!(LOOKED_AT.get(), 1);
}
