//! `err(level = ..)`: a log record for each error, sampled or not.

use std::fmt;
use std::time::Duration;

use tachograph::testing::Recorder;
use tachograph::trace::{Context, Sampler, Span};
use tachograph::{metered, traced};
use tachograph_tests::check;
use tachograph_tests::futures::{block_on, pending};

#[derive(Debug)]
struct Declined(u8);

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "declined with code {}", self.0)
    }
}

type Paid = Result<u8, Declined>;

fn pay(code: u8) -> Paid {
    if code == 0 {
        Ok(0)
    } else {
        Err(Declined(code))
    }
}

#[traced(err(level = "warn"))]
fn displayed(code: u8) -> Paid {
    pay(code)
}

#[traced(err(Debug, level = "error"))]
fn debugged(code: u8) -> Paid {
    pay(code)
}

#[traced(err(level = "debug", type), target = "shop::payments")]
#[metered]
async fn typed(code: u8) -> Paid {
    pending(1).await;
    pay(code)
}

#[traced(err)]
fn unlogged(code: u8) -> Paid {
    pay(code)
}

/// Makes calls within a recorder, and compares what they log.
#[track_caller]
fn check_logs(calls: impl FnOnce(&Recorder), logs: &str) {
    let recorder = Recorder::new();
    recorder.in_scope(|| calls(&recorder));
    recorder.assert_logs(logs);
}

#[test]
fn an_error_is_logged_as_it_is_asked_for() {
    check_logs(
        |_| {
            for code in [0, 5] {
                let _ = displayed(code);
                let _ = debugged(code);
                let _ = block_on(typed(code));
                let _ = unlogged(code);
            }
        },
        "
        WARN it::logs::displayed: declined with code 5 error.type=it::logs::Declined [in logs::displayed]
        ERROR it::logs::debugged: Declined(5) error.type=it::logs::Declined [in logs::debugged]
        DEBUG it::logs::typed (shop::payments): error.type=it::logs::Declined [in logs::typed]
        ",
    );
}

#[test]
fn the_span_has_the_error_as_without_a_log() {
    check(
        |_| _ = displayed(5),
        r#"
        logs::displayed 0ns error.type=it::logs::Declined [error: declined with code 5]
          * exception +0ns exception.type=it::logs::Declined exception.message="declined with code 5"
        "#,
        "",
    );
}

#[test]
fn an_error_is_logged_where_no_trace_is_sampled() {
    check_logs(
        |recorder| {
            recorder.set_sampler(Sampler::ALWAYS_OFF);
            let _ = displayed(1);
            // Below a span that is not sampled there is none.
            Span::start("around").in_scope(|| _ = displayed(2));
            let _ = block_on(typed(3));
            assert_eq!(recorder.traces(), "");
        },
        "
        WARN it::logs::displayed: declined with code 1 error.type=it::logs::Declined
        WARN it::logs::displayed: declined with code 2 error.type=it::logs::Declined
        DEBUG it::logs::typed (shop::payments): error.type=it::logs::Declined
        ",
    );
}

#[traced(err(type, level = "info"), error_if = |n| *n > 7)]
fn judged(n: u8) -> Many {
    n
}

#[traced(err(level = "warn"), ok_if = Result::is_err)]
fn pardoned(code: u8) -> Paid {
    pay(code)
}

type Many = u8;

#[test]
fn what_is_no_error_is_not_logged() {
    check_logs(
        |_| {
            assert_eq!(judged(7) + judged(8), 15);
            let _ = pardoned(5);
            let _ = std::panic::catch_unwind(panics);
            drop(typed(1));
        },
        "INFO it::logs::judged: error.type=_OTHER [in logs::judged]",
    );
}

#[traced(err(level = "warn"))]
fn panics() -> Paid {
    panic!("on purpose")
}

struct Till;

#[traced(err(level = "warn"))]
impl Till {
    fn open() -> Paid {
        pay(1)
    }

    #[traced(err(level = "trace", Display))]
    fn close() -> Paid {
        pay(2)
    }

    fn count() -> u8 {
        3
    }
}

#[test]
fn a_block_hands_the_level_on() {
    check_logs(
        |_| {
            let _ = Till::open();
            let _ = Till::close();
            Till::count();
        },
        "
        WARN it::logs::Till::open: declined with code 1 error.type=it::logs::Declined [in Till::open]
        TRACE it::logs::Till::close: declined with code 2 error.type=it::logs::Declined [in Till::close]
        ",
    );
}

#[test]
fn a_record_knows_where_and_when() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        recorder.clock().advance(Duration::from_secs(1));
        let _ = displayed(5);
    });
    let records = recorder.log_records();
    assert_eq!(records.len(), 1, "{}", recorder.logs());
    let record = records.iter().next().unwrap();
    assert_eq!(record.unix_nanos(), recorder.clock().unix_nanos());
    assert_eq!(record.target(), "it::logs");
    assert!(
        record
            .site()
            .unwrap()
            .location()
            .file()
            .ends_with("logs.rs")
    );
    assert_eq!(record.code_attributes().count(), 3);
    let spans = recorder.spans();
    let span = spans.iter().next().unwrap();
    assert_eq!(
        (record.trace_id(), record.span_id()),
        (Some(span.trace_id()), Some(span.span_id()))
    );
    assert!(record.flags().is_sampled());
    assert_eq!(record.flags(), span.flags());
}

#[test]
fn a_record_says_what_is_known_of_the_request() {
    check_logs(
        |_| {
            let context = Context::current().with_field("request.id", "7f3a");
            let context = context.with_field("error.type", "of the request");
            let _ = context.in_scope(|| displayed(5));
        },
        "WARN it::logs::displayed: declined with code 5 error.type=it::logs::Declined request.id=7f3a [in logs::displayed]",
    );
}
