//! `ok_if` and `error_if`: the function's own judgement of what it returned, in the place of the type's.

use tachograph::{metered, traced};
use tachograph_tests::check;
use tachograph_tests::futures::block_on;

#[metered(ok_if = Option::is_some)]
#[traced]
fn find(key: &str) -> Option<&str> {
    key.strip_prefix('k')
}

#[traced(error_if = |bytes| bytes.clone().count() > 1)]
async fn bytes(from: u8) -> impl Iterator<Item = u8> + Clone {
    from..3
}

#[traced(error_if = |found| *found == Err("broken"), err)]
fn lookup(key: &'static str) -> Result<&'static str, &'static str> {
    Err(key)
}

#[test]
fn a_predicate_judges_any_result() {
    check(
        |_| {
            assert_eq!(find("k7"), Some("7"));
            assert_eq!(find("7"), None);
        },
        "
        judged::find 0ns
        judged::find 0ns error.type=_OTHER [error]
        ",
        "
        function.calls{function=find,module=it::judged,result=error} +1
        function.calls{function=find,module=it::judged,result=ok} +1
        function.calls.duration{function=find,module=it::judged,result=error} +1 sum 0ns
        function.calls.duration{function=find,module=it::judged,result=ok} +1 sum 0ns
        ",
    );
}

#[test]
fn an_opaque_result_is_judged_by_what_it_is() {
    check(
        |_| {
            let short = block_on(bytes(2));
            assert_eq!(short.count(), 1);
            let long = block_on(bytes(0));
            assert_eq!(long.count(), 3);
        },
        "
        judged::bytes 0ns
        judged::bytes 0ns error.type=_OTHER [error]
        ",
        "",
    );
}

#[test]
fn an_err_that_was_judged_fine_is_no_error() {
    check(
        |_| {
            let _ = lookup("missing");
            let _ = lookup("broken");
        },
        "
        judged::lookup 0ns
        judged::lookup 0ns error.type=&str [error: broken]
          * exception +0ns exception.type=&str exception.message=broken
        ",
        "",
    );
}

struct Line<'a>(&'a mut Vec<u8>);

impl<'a> Line<'a> {
    #[metered(error_if = |line| line.0.len() > 1)]
    fn push(&mut self, byte: u8) -> &mut Line<'a> {
        self.0.push(byte);
        self
    }
}

#[test]
fn a_borrowed_result_stays_borrowed() {
    check(
        |_| {
            let mut bytes = Vec::new();
            Line(&mut bytes).push(1).push(2);
            assert_eq!(bytes, [1, 2]);
        },
        "",
        "
        function.calls{function=Line::push,module=it::judged,result=error} +1
        function.calls{function=Line::push,module=it::judged,result=ok} +1
        function.calls.duration{function=Line::push,module=it::judged,result=error} +1 sum 0ns
        function.calls.duration{function=Line::push,module=it::judged,result=ok} +1 sum 0ns
        ",
    );
}

#[metered(error_if = |_| panic!("out of paper"))]
fn unjudged(fine: bool) -> Result<u8, u8> {
    if fine { Ok(7) } else { Err(7) }
}

#[test]
fn where_a_predicate_panics_the_type_decides() {
    check(
        |_| {
            assert_eq!(unjudged(true), Ok(7));
            assert_eq!(unjudged(false), Err(7));
        },
        "",
        "
        function.calls{function=unjudged,module=it::judged,result=error} +1
        function.calls{function=unjudged,module=it::judged,result=ok} +1
        function.calls.duration{function=unjudged,module=it::judged,result=error} +1 sum 0ns
        function.calls.duration{function=unjudged,module=it::judged,result=ok} +1 sum 0ns
        tachograph.values.lost{function=unjudged,module=it::judged,cause=panic} +2
        ",
    );
}
