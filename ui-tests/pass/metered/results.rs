//! What functions take and give back.
#![deny(warnings)]

use std::error::Error;
use std::fmt::Debug;
use std::panic::Location;
use std::sync::{Arc, Mutex};

use tachograph::metered;

type Parsed<T> = Result<T, std::num::ParseIntError>;

#[metered]
fn question(text: &str) -> Parsed<u8> {
    let number: u8 = text.parse()?;
    Ok(number + 1)
}

#[metered]
fn early(text: &str) -> Result<u8, Box<dyn Error>> {
    if text.is_empty() {
        return Err("empty".into());
    }
    Ok(text.parse()?)
}

#[metered]
fn borrowed<'a>(words: &'a mut Vec<String>, word: &str) -> Result<&'a mut String, &'a [String]> {
    match words.iter().position(|it| it == word) {
        Some(at) => Ok(&mut words[at]),
        None => Err(words),
    }
}

#[metered]
fn elided(text: &str) -> Option<std::str::Chars<'_>> {
    Some(text.chars())
}

#[metered]
fn generic<T: Clone + Debug, const N: usize>(
    list: [T; N],
    index: usize,
) -> Result<T, impl Debug + use<T, N>>
where
    T: PartialEq,
{
    list.get(index).cloned().ok_or(index)
}

#[metered]
fn callbacks(
    first: impl Fn(u8) -> u8,
    second: &dyn Fn(u8) -> u8,
    third: fn(u8) -> u8,
) -> Result<u8, ()> {
    Ok(third(second(first(1))))
}

#[metered]
fn closure(n: u8) -> impl Fn(u8) -> u8 {
    move |m| n + m
}

#[metered]
fn hidden(n: u8) -> Result<impl Iterator<Item = u8>, ()> {
    Ok((0..n).rev())
}

#[metered]
fn boxed(n: u8) -> Result<Box<dyn Fn(u8) -> u8>, ()> {
    Ok(Box::new(move |m| n + m))
}

#[metered]
fn locked(list: Arc<Mutex<Vec<u8>>>) -> Result<u8, ()> {
    list.lock().unwrap().first().copied().ok_or(())
}

#[metered]
fn factorial(n: u64) -> Result<u64, ()> {
    if n == 0 {
        Ok(1)
    } else {
        Ok(n * factorial(n - 1)?)
    }
}

#[metered]
fn patterns(
    &(a, ref b): &(u8, String),
    [c, .., d]: [u8; 4],
    mut e @ (f, _): (u8, u8),
) -> Result<String, ()> {
    e.0 += 1;
    Ok(format!("{a}{b}{c}{d}{}{f}", e.0))
}

#[metered]
fn unused(_: u8, _b: u8, (_, _c): (u8, u8)) -> Result<(), ()> {
    Ok(())
}

#[metered]
fn nested() -> u8 {
    use std::mem::take;
    const START: u8 = 3;

    #[metered]
    fn inner(n: &mut u8) -> Result<u8, ()> {
        Ok(take(n))
    }

    inner(&mut { START }).unwrap_or_default()
}

#[metered]
fn with_attributes(
    #[allow(unused_variables)] a: u8,
    #[cfg(any())] b: Missing,
    #[cfg(all())] c: u8,
) -> Result<u8, ()> {
    Ok(c)
}

#[metered]
#[track_caller]
#[must_use]
#[inline(always)]
fn located(fails: bool) -> Result<&'static Location<'static>, ()> {
    if fails {
        Err(())
    } else {
        Ok(Location::caller())
    }
}

#[metered]
fn never(fails: bool) -> ! {
    std::panic::panic_any(fails)
}

#[metered]
unsafe extern "C" fn foreign(n: u8) -> Code {
    n
}

type Code = u8;

macro_rules! make {
    ($name:ident, $prefix:literal, $output:ty, $sum:expr, $body:block) => {
        #[metered(name = $prefix, labels(odd = $sum % 2 == 1, many = $sum > 9))]
        fn $name(add: u8) -> $output {
            let sum = $sum * 2 + add;
            let rest: $output = $body;
            rest.map(|rest| sum + rest)
        }
    };
}

make!(made, "shop.made", Parsed<u8>, 1 + 2, { "1".parse() });
make!(made_plain, "shop.made.plain", Option<u8>, 1 + 3, { None });

fn main() {
    assert_eq!(question("41"), Ok(42));
    assert!(question("x").is_err());
    assert_eq!(early("").unwrap_err().to_string(), "empty");
    assert_eq!(early("1").unwrap(), 1);

    let mut words = vec!["a".to_owned(), "b".to_owned()];
    borrowed(&mut words, "b").unwrap().push('c');
    assert_eq!(borrowed(&mut words, "d").unwrap_err(), ["a", "bc"]);
    assert_eq!(elided("ab").unwrap().count(), 2);

    assert_eq!(generic([1, 2], 1).ok(), Some(2));
    assert!(generic(["a"], 1).is_err());
    assert_eq!(callbacks(|n| n + 1, &|n| n + 2, |n| n + 3), Ok(7));
    assert_eq!(closure(1)(2), 3);
    assert!(hidden(3).unwrap().eq([2, 1, 0]));
    assert_eq!(boxed(1).unwrap()(2), 3);
    assert_eq!(locked(Arc::new(Mutex::new(vec![7]))), Ok(7));
    assert_eq!(factorial(5), Ok(120));
    assert_eq!(
        patterns(&(1, "b".into()), [3, 0, 0, 4], (5, 0)).unwrap(),
        "1b3465"
    );
    assert_eq!(unused(1, 2, (3, 4)), Ok(()));
    assert_eq!(nested(), 3);
    assert_eq!(with_attributes(1, 2), Ok(2));

    let here = located(false).unwrap();
    assert_eq!((here.file(), here.line()), (file!(), line!() - 1));
    assert!(located(true).is_err());
    std::panic::set_hook(Box::new(|_| {}));
    let panicked = std::panic::catch_unwind(|| never(true)).unwrap_err();
    assert_eq!(panicked.downcast_ref(), Some(&true));
    let _: unsafe extern "C" fn(u8) -> Code = foreign;
    assert_eq!((made(1), made_plain(3)), (Ok(8), None));
}
