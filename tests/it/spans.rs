//! Spans by hand, and what code sets on the span it is in.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use std::{fmt, io};

use tachograph::testing::Recorder;
use tachograph::trace::{
    Sampler, Span, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId,
};
use tachograph::{Attribute, Site, traced};
use tachograph_tests::check;
use tachograph_tests::futures::{block_on, pending, poll};

#[traced(fields(sku = empty, tier = %tier, cart = ?cart, total = 1.5))]
fn order(tier: &str, cart: &[u8]) {
    Span::current().set_attribute("sku", "A-7");
    Span::current().set_attribute("sku", "A-8");
    Span::current().add_event("stock.low", [Attribute::new("left", 2)]);
    Span::current().record_error(&io::Error::from(io::ErrorKind::TimedOut));
}

#[test]
fn code_speaks_of_the_span_it_is_in() {
    check(
        |_| order("gold", &[1, 2]),
        r#"
        spans::order 0ns tier=gold cart="[1, 2]" total=1.5 sku=A-8 error.type=std::io::error::Error [error: timed out]
          * stock.low +0ns left=2
          * exception +0ns exception.type=std::io::error::Error exception.message="timed out"
        "#,
        "",
    );
}

#[traced(fields(a = 1, late = empty, b = "first"), on_ok(b = "ok", c = *ok))]
fn told_twice() -> Result<u8, io::Error> {
    Span::current().set_attribute("a", i64::MAX);
    Span::current().set_attribute("late", "now");
    Span::current().set_attribute("other", 2.5);
    Span::current().add_event("seen", []);
    Span::start("below").in_scope(|| Span::current().set_attribute("a", "of the child"));
    Ok(3)
}

#[test]
fn what_is_set_within_a_call_joins_its_fields() {
    check(
        |_| _ = told_twice(),
        r#"
        spans::told_twice 0ns a=9223372036854775807 b=ok late=now other=2.5 c=3
          * seen +0ns
          below 0ns a="of the child"
        "#,
        "",
    );
}

#[test]
fn the_limits_are_those_of_fields_and_of_what_is_set_later_together() {
    #[traced(fields(a = 1, b = 2), links = links, on_ok(late = *ok))]
    fn full(links: &[SpanContext]) -> Result<u8, io::Error> {
        for n in 0..127 {
            Span::current().set_attribute(format!("key.{n}"), n);
            Span::current().add_event("event", []);
        }
        Span::current().set_attribute("b", 3);
        Ok(4)
    }

    let recorder = Recorder::new();
    let trace_id = TraceId::from_u128(1).unwrap();
    let linked = SpanContext::remote(trace_id, SpanId::from_u64(2).unwrap(), TraceFlags::SAMPLED);
    recorder.in_scope(|| full(&vec![linked; 129])).unwrap();
    let spans = recorder.spans();
    let span = spans.iter().next().unwrap();
    assert_eq!(span.attributes().count(), 128);
    // One key of 127, and the field of the result.
    assert_eq!(span.dropped_attributes(), 2);
    assert_eq!(span.attributes().get("b").unwrap().to_string(), "3");
    assert_eq!((span.links().count(), span.dropped_links()), (128, 1));
    assert_eq!((span.events().count(), span.dropped_events()), (127, 0));
}

#[traced(fields(a = 1))]
async fn polled() {
    Span::current().set_attribute("b", 1);
    pending(1).await;
    Span::current().set_attribute("b", 2);
    Span::current().set_attribute("a", 2);
}

#[test]
fn what_is_set_at_several_polls_joins_the_fields_of_a_future() {
    check(
        |_| block_on(polled()),
        "
        spans::polled 0ns a=2 b=2
        ",
        "",
    );
}

#[test]
fn an_error_may_speak_of_the_span_while_it_is_recorded() {
    #[derive(Debug)]
    struct Declined;

    impl fmt::Display for Declined {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            Span::current().set_attribute("shown", true);
            f.write_str("declined")
        }
    }

    impl std::error::Error for Declined {}

    #[traced(name = "pay", fields(id = 7))]
    fn pay() {
        Span::current().record_error(&Declined);
    }

    let recorder = Recorder::new();
    recorder.in_scope(pay);
    let trace = recorder.traces();
    assert!(
        trace.starts_with("pay 0ns id=7 shown=true error.type="),
        "{trace}"
    );
}

#[test]
fn every_part_of_a_span_can_be_set_by_hand() {
    check(
        |recorder| {
            let mut span = Span::builder("GET /orders")
                .with_kind(SpanKind::Server)
                .with_attribute("http.route", "/orders")
                .start();
            assert!(span.is_recording());
            span.set_attribute("page", 2);
            recorder.clock().advance(Duration::from_micros(1_500));
            span.add_event("cache.miss", []);
            span.set_status(Status::Ok);
            span.set_status(Status::Error {
                description: "too late".into(),
            });
            let cause = span.context().unwrap();
            span.end();

            let linked = Span::builder("refill").with_link(cause, [Attribute::new("why", "miss")]);
            linked.start().end();
        },
        "
        GET /orders (server) 1.5ms http.route=/orders page=2 [ok]
          * cache.miss +1.5ms
        refill 0ns
          -> GET /orders why=miss
        ",
        "",
    );
}

#[test]
fn a_span_is_current_only_within_its_scope() {
    check(
        |_| {
            let mut outer = Span::start("outer");
            Span::start("beside").end();
            let torn = catch_unwind(AssertUnwindSafe(|| {
                outer.in_scope(|| {
                    Span::current().set_attribute("seen", true);
                    panic!("out of paper");
                });
            }));
            assert!(torn.is_err());
            assert_eq!(Span::current().context(), None);
            outer.in_scope(|| Span::start("inside").end());
            Span::current().set_attribute("lost", true);
            outer.end();
        },
        "
        beside 0ns
        outer 0ns seen=true
          inside 0ns
        ",
        "",
    );
}

#[test]
fn the_parent_may_be_chosen() {
    let remote = SpanContext::remote(
        TraceId::from_u128(10).unwrap(),
        SpanId::from_u64(11).unwrap(),
        TraceFlags::SAMPLED,
    );
    check(
        |_| {
            let mut outer = Span::start("outer");
            let parent = outer.context().unwrap();
            outer.in_scope(|| {
                Span::builder("root").as_root().start().end();
                Span::builder("far").with_parent(remote).start().end();
            });
            outer.end();
            Span::builder("late").with_parent(parent).start().end();
        },
        "
        root 0ns
        far 0ns [remote parent 000000000000000b]
        outer 0ns
          late 0ns
        ",
        "",
    );
}

#[test]
fn a_future_in_a_span_ends_it() {
    let recorder = Recorder::new();
    let mut future = recorder.in_scope(|| {
        Box::pin(Span::start("task").in_future(async {
            pending(1).await;
            Span::start("inside").end();
        }))
    });
    recorder.in_scope(|| {
        assert!(poll(future.as_mut()).is_pending());
        recorder.assert_traces("");
        recorder.clock().advance(Duration::from_secs(2));
        block_on(future.as_mut());
    });
    recorder.clock().advance(Duration::from_secs(60));
    drop(future);
    recorder.assert_traces(
        "
        task 2s
          inside 0ns
        ",
    );
}

#[test]
fn nobody_listens_to_spans_outside_of_a_scope() {
    let mut span = Span::start("lost");
    assert!(!span.is_recording());
    assert_eq!(span.context(), None);
    span.set_attribute("lost", true);
    assert_eq!(span.in_scope(|| Span::current().context()), None);
}

#[test]
fn a_span_has_ids_and_says_where_its_code_stands() {
    let recorder = Recorder::new();
    recorder.in_scope(|| order("gold", &[]));
    let spans = recorder.spans();
    let span = spans.iter().next().unwrap();
    assert_eq!(span.start_unix_nanos(), 1_577_836_800_000_000_000);
    let code = span.code_attributes();
    let code = code.map(|(key, value)| format!("{key}={value}"));
    assert_eq!(
        code.collect::<Vec<_>>(),
        [
            "code.function.name=it::spans::order",
            &format!("code.file.path={}", file!()),
            "code.line.number=16"
        ]
    );
    let scope = span.instrumentation_scope().unwrap();
    assert_eq!(
        (scope.name(), scope.version()),
        ("it", env!("CARGO_PKG_VERSION"))
    );
}

#[traced(kind = "server")]
fn handle(route: &'static str) {
    Span::current().update_name("first");
    Span::current().update_name(format!("GET {route}"));
}

#[test]
fn a_span_may_be_renamed_while_it_runs() {
    check(
        |recorder| {
            handle("/orders/{id}");
            let mut span = Span::start("by hand");
            span.update_name("first");
            span.in_scope(|| Span::current().update_name("renamed"));
            span.end();
            recorder.set_sampler(Sampler::ALWAYS_OFF);
            handle("/nowhere");
        },
        "
        GET /orders/{id} (server) 0ns
        renamed 0ns
        ",
        "",
    );
    // It is still the function's.
    let recorder = Recorder::new();
    recorder.in_scope(|| handle("/"));
    let spans = recorder.spans();
    let span = spans.iter().next().unwrap();
    assert_eq!(span.site().map(Site::function), Some("handle"));
}
