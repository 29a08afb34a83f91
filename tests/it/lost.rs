//! Code that should tell something of a call, and fails: the call goes on, and what is lost is counted.

use std::fmt::{self, Debug, Display, Formatter};

use tachograph::trace::{Parent, Span, SpanContext};
use tachograph::{ErrorType, Label, ToValue, Value, metered, traced};
use tachograph_tests::check;
use tachograph_tests::futures::block_on;

/// Writes half of itself.
#[derive(Clone, Copy)]
enum Half {
    AndGivesUp,
    AndPanics,
}

impl Display for Half {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("half")?;
        match self {
            Self::AndGivesUp => Err(fmt::Error),
            Self::AndPanics => panic!("on purpose"),
        }
    }
}

impl Debug for Half {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl ToValue for Half {
    fn to_value(&self) -> Value {
        panic!("on purpose")
    }
}

fn never<T>() -> T {
    panic!("on purpose")
}

#[traced(fields(shown = %half, debugged = ?half, after = 1))]
fn texts(half: Half) -> &'static str {
    "done"
}

#[test]
fn a_text_keeps_what_came_of_it() {
    check(
        |_| {
            assert_eq!(texts(Half::AndGivesUp), "done");
            assert_eq!(texts(Half::AndPanics), "done");
        },
        "
        lost::texts 0ns shown=half debugged=half after=1
        lost::texts 0ns shown=half debugged=half after=1
        ",
        "
        tachograph.values.lost{function=texts,module=it::lost,cause=format} +2
        tachograph.values.lost{function=texts,module=it::lost,cause=panic} +2
        ",
    );
}

#[traced(fields(before = 1, half, after = 2))]
#[metered(labels(tier = tier))]
fn values(half: Half, tier: bool) -> u8 {
    7
}

#[traced(fields(before = 1, never = never::<u8>(), after = 2), on_ok(ok = ok.0, never = never::<u8>()), on_err(
    never = never::<u8>()
))]
async fn expressions(fine: bool) -> Result<(u8,), u8> {
    if fine { Ok((3,)) } else { Err(4) }
}

#[test]
fn what_was_recorded_before_stays() {
    check(
        |_| {
            assert_eq!(values(Half::AndPanics, true), 7);
            assert_eq!(block_on(expressions(true)), Ok((3,)));
            assert_eq!(block_on(expressions(false)), Err(4));
        },
        "
        lost::values 0ns before=1
        lost::expressions 0ns before=1 ok=3
        lost::expressions 0ns before=1 error.type=u8 [error]
        ",
        "
        function.calls{function=values,module=it::lost,result=ok,tier=true} +1
        function.calls.duration{function=values,module=it::lost,result=ok,tier=true} +1 sum 0ns
        tachograph.values.lost{function=expressions,module=it::lost,cause=panic} +4
        tachograph.values.lost{function=values,module=it::lost,cause=panic} +1
        ",
    );
}

#[derive(Clone, Copy)]
struct Odd(usize);

impl Label for Odd {
    const VALUES: &'static [&'static str] = &["zero", "one"];

    fn index(&self) -> usize {
        assert_ne!(self.0, 1, "on purpose");
        self.0
    }
}

#[metered(labels(odd = odd))]
fn by_index(odd: Odd) {}

#[metered(labels(odd = Odd(100 / odd - 1)))]
fn by_expression(odd: usize) {}

#[metered(labels(half(half, max = 2)))]
fn by_text(half: Half) {}

#[metered(on_ok(odd = Odd(100 / ok - 1)))]
fn by_result(odd: usize) -> usize {
    odd
}

#[test]
fn calls_with_labels_that_cannot_be_told_are_counted_without_them() {
    check(
        |_| {
            let _ = [0, 1].map(Odd).map(by_index);
            let _ = [0, 100].map(by_expression);
            by_text(Half::AndGivesUp);
            by_text(Half::AndPanics);
            let _ = [0, 100].map(by_result);
        },
        "",
        "
        function.calls{function=by_expression,module=it::lost,result=ok,odd=zero} +1
        function.calls{function=by_expression,module=it::lost,result=ok,otel.metric.overflow=true} +1
        function.calls{function=by_index,module=it::lost,result=ok,odd=zero} +1
        function.calls{function=by_index,module=it::lost,result=ok,otel.metric.overflow=true} +1
        function.calls{function=by_result,module=it::lost,result=ok,odd=zero} +1
        function.calls{function=by_result,module=it::lost,result=ok} +1
        function.calls{function=by_text,module=it::lost,result=ok,half=_OTHER} +1
        function.calls{function=by_text,module=it::lost,result=ok,half=half} +1
        function.calls.duration{function=by_expression,module=it::lost,result=ok,odd=zero} +1 sum 0ns
        function.calls.duration{function=by_expression,module=it::lost,result=ok,otel.metric.overflow=true} +1 sum 0ns
        function.calls.duration{function=by_index,module=it::lost,result=ok,odd=zero} +1 sum 0ns
        function.calls.duration{function=by_index,module=it::lost,result=ok,otel.metric.overflow=true} +1 sum 0ns
        function.calls.duration{function=by_result,module=it::lost,result=ok,odd=zero} +1 sum 0ns
        function.calls.duration{function=by_result,module=it::lost,result=ok} +1 sum 0ns
        function.calls.duration{function=by_text,module=it::lost,result=ok,half=_OTHER} +1 sum 0ns
        function.calls.duration{function=by_text,module=it::lost,result=ok,half=half} +1 sum 0ns
        tachograph.series.overflowed{metric=function.calls} +2
        tachograph.values.lost{function=by_expression,module=it::lost,cause=panic} +1
        tachograph.values.lost{function=by_index,module=it::lost,cause=panic} +1
        tachograph.values.lost{function=by_result,module=it::lost,cause=panic} +1
        tachograph.values.lost{function=by_text,module=it::lost,cause=format} +1
        tachograph.values.lost{function=by_text,module=it::lost,cause=panic} +1
        ",
    );
}

struct Lost;

impl Parent for Lost {
    fn span_context(&self) -> Option<SpanContext> {
        panic!("on purpose")
    }
}

#[traced]
fn above() {
    below();
    beside();
}

#[traced(parent = Lost)]
fn below() {}

#[traced(links = [never::<SpanContext>()])]
fn beside() {}

#[test]
fn spans_begin_where_they_would_anyway() {
    check(
        |_| above(),
        "
        lost::above 0ns
          lost::below 0ns
          lost::beside 0ns
        ",
        "
        tachograph.values.lost{function=below,module=it::lost,cause=panic} +1
        tachograph.values.lost{function=beside,module=it::lost,cause=panic} +1
        ",
    );
}

/// Says that it is read.
#[derive(Debug)]
struct Talkative;

impl Display for Talkative {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Span::current().set_attribute("read", true);
        f.write_str("hello")
    }
}

impl ErrorType for Talkative {
    fn error_type(&self) -> &'static str {
        panic!("on purpose")
    }
}

impl From<Talkative> for Value {
    fn from(talkative: Talkative) -> Self {
        talkative.to_string().into()
    }
}

#[traced]
fn outer() {
    assert!(inner().is_err());
}

#[traced(err)]
fn inner() -> Result<(), Talkative> {
    Span::current().set_attribute("text", Talkative);
    Err(Talkative)
}

#[test]
fn what_a_value_records_itself_lands_in_the_span_it_is_of() {
    check(
        |_| outer(),
        "
        lost::outer 0ns
          lost::inner 0ns read=true text=hello error.type=_OTHER [error: hello]
            * exception +0ns exception.type=_OTHER exception.message=hello
        ",
        "tachograph.values.lost{function=inner,module=it::lost,cause=panic} +1",
    );
}
