//! Functions whose spans or metrics are switched off and on, or forced, while the program runs.

use tachograph::testing::Recorder;
use tachograph::trace::{self, Level, Sampler, Span};
use tachograph::{Site, metered, sites, traced};

/// The one function of that name in this module.
fn site(function: &str) -> &'static Site {
    let mut sites = sites().into_iter();
    let is_it = |site: &&Site| site.module() == module_path!() && site.function() == function;
    sites.find(is_it).expect("the function is annotated")
}

/// Each test has functions of its own: the switches are those of the whole process.
macro_rules! functions {
    ($outer:ident, $inner:ident) => {
        #[traced]
        #[metered]
        fn $outer() {
            $inner();
        }

        #[traced(fields(n = 1))]
        #[metered]
        fn $inner() {}
    };
}

functions!(of_spans, in_spans);

#[test]
fn spans_that_are_off_leave_their_children_to_the_span_above() {
    let recorder = Recorder::new();
    let outer = site("of_spans");
    assert!(outer.has_spans_on() && outer.has_metrics_on());
    outer.set_spans(false);
    assert!(!outer.has_spans_on() && outer.has_metrics_on());
    recorder.in_scope(|| Span::start("above").in_scope(of_spans));
    outer.set_spans(true);
    recorder.in_scope(of_spans);
    recorder.assert_traces(
        "
        above 0ns
          switches::in_spans 0ns n=1
        switches::of_spans 0ns
          switches::in_spans 0ns n=1
        ",
    );
    recorder.assert_metric_deltas(
        "
        function.calls{function=in_spans,module=it::switches,result=ok} +2
        function.calls{function=of_spans,module=it::switches,result=ok} +2
        function.calls.duration{function=in_spans,module=it::switches,result=ok} +2 sum 0ns
        function.calls.duration{function=of_spans,module=it::switches,result=ok} +2 sum 0ns
        ",
    );
}

functions!(of_metrics, in_metrics);

#[test]
fn metrics_that_are_off_count_nothing() {
    let recorder = Recorder::new();
    let outer = site("of_metrics");
    outer.set_metrics(false);
    recorder.in_scope(of_metrics);
    let deltas = recorder.metric_deltas();
    assert!(!deltas.contains("of_metrics"), "{deltas}");
    assert!(deltas.contains("in_metrics"), "{deltas}");
    assert_eq!(recorder.spans().len(), 2);
    outer.set_metrics(true);
    recorder.in_scope(of_metrics);
    assert!(recorder.metric_deltas().contains("of_metrics"));
}

functions!(of_forced, in_forced);

#[test]
fn spans_that_are_forced_are_recorded_with_all_below_them() {
    let recorder = Recorder::new();
    recorder.set_sampler(Sampler::ALWAYS_OFF);
    let inner = site("in_forced");
    // Without a listener it does nothing.
    inner.force_spans(true);
    of_forced();
    recorder.in_scope(of_forced);
    inner.force_spans(false);
    recorder.in_scope(of_forced);
    let spans = recorder.spans();
    assert_eq!(spans.len(), 1);
    // It has a parent, of which nobody recorded anything.
    assert!(spans.iter().all(|span| span.parent_span_id().is_some()));

    site("of_forced").force_spans(true);
    recorder.in_scope(of_forced);
    site("of_forced").force_spans(false);
    assert_eq!(recorder.spans().len(), 3);
}

#[traced(level = "debug")]
fn detail() {
    whole();
}

#[traced]
fn whole() {}

#[test]
fn a_filter_is_asked_once_for_each_function() {
    let recorder = Recorder::new();
    // Only this module's: other tests run meanwhile.
    trace::filter_spans(|site| site.module() != module_path!() || site.span_level() >= Level::Info);
    assert!(!site("detail").has_spans_on() && site("whole").has_spans_on());
    recorder.in_scope(detail);
    recorder.assert_traces("switches::whole 0ns");

    // What somebody has switched off stays off.
    site("detail").set_spans(false);
    trace::unfilter_spans();
    assert!(!site("detail").has_spans_on());
    site("detail").set_spans(true);
    recorder.in_scope(detail);
    recorder.assert_traces(
        "
        switches::whole 0ns
        switches::detail 0ns
          switches::whole 0ns
        ",
    );
}
