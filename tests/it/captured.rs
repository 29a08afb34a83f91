//! What `args`, `ret`, `on_ok` and `on_err` record of what nobody described field by field.

use std::borrow::Cow;
use std::fmt::{self, Debug, Display};

use tachograph::{Sensitive, ToValue, Value, traced};
use tachograph_tests::check;
use tachograph_tests::futures::block_on;

#[derive(Debug)]
struct Point {
    x: u8,
}

struct OrderId(u32);

impl ToValue for OrderId {
    fn to_value(&self) -> Value {
        self.0.into()
    }
}

struct Unnameable;

#[traced(args, skip(silent, hidden), fields(renamed = total + 1, doubled = doubled * 2))]
#[expect(clippy::too_many_arguments, reason = "each is of another kind")]
fn everything<T: Debug>(
    total: u64,
    text: &str,
    id: &OrderId,
    point: Point,
    generic: T,
    doubled: i8,
    Point { x }: &Point,
    silent: &str,
    hidden: Unnameable,
    _unused: f32,
    #[cfg(any())] missing: Missing,
) {
    let _ = (total, text, id, point, generic, doubled, x, silent, hidden);
}

#[test]
fn all_arguments_are_recorded_by_their_types() {
    check(
        |_| {
            everything(
                7,
                "red",
                &OrderId(3),
                Point { x: 1 },
                Some(2),
                4,
                &Point { x: 5 },
                "no",
                Unnameable,
                0.5,
            );
        },
        r#"
        captured::everything 0ns total=7 text=red id=3 point="Point { x: 1 }" generic=Some(2) x=5 renamed=8 doubled=8
        "#,
        "",
    );
}

#[traced(args, ret)]
fn shortest<'a>(first: Cow<'a, str>, others: &[Cow<'a, str>]) -> Cow<'a, str> {
    let texts = others.iter().chain([&first]);
    texts.min_by_key(|text| text.len()).unwrap().clone()
}

#[test]
fn text_is_recorded_however_long_it_lives() {
    check(
        |_| {
            let text = String::from("red green");
            let (red, green) = text.split_once(' ').unwrap();
            let _ = shortest(green.into(), &[red.into()]);
        },
        r#"captured::shortest 0ns first=green others="[\"red\"]" tachograph.return=red"#,
        "",
    );
}

#[traced(ret)]
fn number(fine: bool) -> Result<u64, String> {
    if fine { Ok(7) } else { Err("odd".into()) }
}

#[traced(ret(Debug), err(type))]
fn point() -> Result<Point, Unnameable> {
    Ok(Point { x: 1 })
}

#[traced(ret(Display))]
fn shown() -> impl Display {
    7.5
}

#[traced(ret)]
async fn list() -> Option<Vec<u8>> {
    Some(vec![1, 2])
}

#[test]
fn the_result_is_recorded_on_demand() {
    check(
        |recorder| {
            let tick = || recorder.clock().advance(std::time::Duration::from_nanos(1));
            let _ = number(true);
            tick();
            let _ = number(false);
            tick();
            assert!(point().is_ok_and(|point| point.x == 1));
            tick();
            assert_eq!(shown().to_string(), "7.5");
            tick();
            assert_eq!(block_on(list()), Some(vec![1, 2]));
        },
        r#"
        captured::number 0ns tachograph.return=7
        captured::number 0ns error.type=alloc::string::String [error]
        captured::point 0ns tachograph.return="Point { x: 1 }"
        captured::shown 0ns tachograph.return="7.5"
        captured::list 0ns tachograph.return="Some([1, 2])"
        "#,
        "",
    );
}

#[derive(Debug)]
struct Refused {
    code: u16,
}

impl Refused {
    fn is_final(&self) -> bool {
        self.code >= 500
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused with {}", self.code)
    }
}

#[traced(
    fields(code = code),
    on_ok(rows = ok.len(), done = true),
    on_err(reason = %err, refused.final = err.is_final()),
)]
async fn load(code: u16) -> Result<Vec<u8>, Refused> {
    if code < 400 {
        Ok(vec![1, 2])
    } else {
        Err(Refused { code })
    }
}

#[traced(error_if = |status| *status >= 500, on_ok(fine = ok), on_err(broken = err, text = %format!("{err:x}")))]
fn status(status: u16) -> u16 {
    status
}

#[test]
fn fields_of_the_result_depend_on_how_it_ended() {
    check(
        |recorder| {
            let tick = || recorder.clock().advance(std::time::Duration::from_nanos(1));
            assert!(block_on(load(200)).is_ok());
            tick();
            assert!(block_on(load(503)).is_err());
            tick();
            status(200);
            tick();
            status(500);
        },
        r#"
        captured::load 0ns code=200 rows=2 done=true
        captured::load 0ns code=503 reason="refused with 503" refused.final=true error.type=it::captured::Refused [error]
        captured::status 0ns fine=200
        captured::status 0ns broken=500 text=1f4 error.type=_OTHER [error]
        "#,
        "",
    );
}

#[traced(ret, on_ok(next = *ok + 1))]
fn later(number: u64) -> impl Future<Output = u64> {
    async move { number }
}

#[test]
fn a_returned_future_is_looked_at_when_it_is_done() {
    check(
        |_| assert_eq!(block_on(later(7)), 7),
        "captured::later 0ns tachograph.return=7 next=8",
        "",
    );
}

#[traced(args, fields(password = Sensitive(password), shown = %Sensitive(&user)))]
fn log_in(user: String, password: String, token: Sensitive<u64>) -> (String, String) {
    assert_eq!(token.0, 7);
    (user, password)
}

#[test]
fn what_is_sensitive_is_hidden_and_not_moved() {
    check(
        |_| {
            let (user, password) = log_in("ada".into(), "swordfish".into(), Sensitive(7));
            assert_eq!((&*user, &*password), ("ada", "swordfish"));
        },
        "captured::log_in 0ns user=ada token=*** password=*** shown=***",
        "",
    );
}
