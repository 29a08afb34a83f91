//! Where the span of a function begins: `parent`, `links`, `sample`; and what filters know of it.

use tachograph::testing::Recorder;
use tachograph::trace::{
    Context, FutureExt, Level, Sampler, Span, SpanContext, SpanId, TraceFlags, TraceId,
};
use tachograph::{metered, sites, traced};
use tachograph_tests::check;
use tachograph_tests::futures::block_on;

fn remote(flags: TraceFlags) -> SpanContext {
    let trace_id = TraceId::from_u128(10).unwrap();
    SpanContext::remote(trace_id, SpanId::from_u64(11).unwrap(), flags)
}

#[traced(parent = headers)]
fn serve(headers: Option<SpanContext>) {
    Span::start("inside").end();
    drop(headers);
}

#[traced(parent = none, fields(key))]
async fn refresh(key: u64) -> Result<u64, String> {
    Ok(key)
}

#[traced(parent = parent, links = links.iter().take(1))]
fn handle(parent: &Context, links: &[SpanContext]) {}

#[traced(parent = context)]
fn later(context: Span) -> impl Future<Output = ()> {
    drop(context);
    async {}
}

#[test]
fn the_parent_is_chosen() {
    check(
        |_| {
            let mut outer = Span::start("outer");
            outer.in_scope(|| {
                serve(Some(remote(TraceFlags::SAMPLED)));
                serve(Some(remote(TraceFlags::NONE)));
                serve(None);
                assert_eq!(block_on(refresh(7)), Ok(7));
                // The thread is where it was.
                Span::start("beside").end();
            });
        },
        "
        opening::serve 0ns [remote parent 000000000000000b]
          inside 0ns
        opening::serve 0ns
          inside 0ns
        opening::refresh 0ns key=7
        outer 0ns
          beside 0ns
        ",
        "",
    );
}

#[test]
fn a_returned_future_keeps_the_parent_that_was_chosen() {
    check(
        |_| {
            let outer = Span::start("outer");
            let context = Context::with_span(outer.context().unwrap());
            let first = context.in_scope(|| later(Span::start("first")));
            block_on(first.with_context(context));
        },
        "
        outer 0ns
          first 0ns
            opening::later 0ns
        ",
        "",
    );
}

#[test]
fn links_name_other_spans() {
    check(
        |_| {
            let other = Span::start("other");
            handle(&Context::default(), &[other.context().unwrap()]);
        },
        "
        opening::handle 0ns
          -> other
        other 0ns
        ",
        "",
    );
}

#[metered]
#[traced(sample = 0)]
fn never() {}

#[traced(sample = 1)]
fn always() {
    never();
}

#[test]
fn a_function_may_decide_about_the_traces_it_begins() {
    let recorder = Recorder::new();
    recorder.set_sampler(Sampler::ALWAYS_OFF);
    recorder.in_scope(|| {
        never();
        always();
    });
    recorder.assert_traces(
        "
        opening::always 0ns
          opening::never 0ns
        ",
    );
    recorder.assert_metric_deltas(
        "
        function.calls{function=never,module=it::opening,result=ok} +2
        function.calls.duration{function=never,module=it::opening,result=ok} +2 sum 0ns
        ",
    );
}

#[traced(target = "shop::payments", level = "debug")]
fn filtered() {}

#[test]
fn filters_know_the_target_and_the_level() {
    filtered();
    let known = |name: &str| {
        let sites = sites().into_iter();
        let mut named = sites.filter(|site| site.path() == format!("it::opening::{name}"));
        let site = named.next().unwrap();
        (site.span_target(), site.span_level())
    };
    assert_eq!(known("filtered"), ("shop::payments", Level::Debug));
    assert_eq!(known("always"), ("it::opening", Level::Info));
}
