//! Shapes of functions that compile and behave with both attributes as they do without.
#![deny(warnings)]

use std::cell::Cell;
use std::fmt::{Debug, Display};
use std::future::{ready, Future};
use std::ops::Add;
use std::pin::{pin, Pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tachograph::{metered, traced};

#[derive(Debug, Default, PartialEq)]
struct Cart<T, const N: usize = 2> {
    lines: Vec<T>,
}

trait Shop {
    type Item: Debug;
    const SIZE: usize;

    fn item(&self) -> Result<Self::Item, ()>;

    #[metered]
    #[traced]
    fn items(self: Arc<Self>) -> Result<Vec<Self::Item>, ()> {
        (0..Self::SIZE).map(|_| self.item()).collect()
    }
}

#[metered]
#[traced]
impl<T: Clone + Debug, const N: usize> Shop for Cart<T, N> {
    type Item = T;
    const SIZE: usize = N;

    fn item(&self) -> Result<<Self as Shop>::Item, ()> {
        self.lines.first().cloned().ok_or(())
    }
}

#[traced]
#[metered]
impl<T, const N: usize> Cart<T, N>
where
    T: PartialEq,
{
    fn add(&mut self, line: T) -> &mut Self {
        self.lines.push(line);
        self
    }

    fn try_add(&mut self, line: T) -> Result<&mut Self, T> {
        if self.lines.len() < N {
            self.lines.push(line);
            return Ok(self);
        }
        Err(line)
    }

    fn full(mut self: Pin<&mut Self>) -> Result<bool, ()>
    where
        T: Unpin,
    {
        self.lines.truncate(N);
        Ok(self.lines.len() == N)
    }

    fn shared(self: &Arc<Self>) -> usize {
        Arc::strong_count(self)
    }

    fn counted(self: Rc<Self>) -> Result<usize, T> {
        Ok(Rc::strong_count(&self))
    }

    fn with<'a, F>(&'a self, f: F) -> Result<&'a str, String>
    where
        F: for<'b> Fn(&'b T) -> Option<&'b str>,
        T: 'a,
    {
        self.lines.iter().find_map(f).ok_or_else(String::new)
    }

    async fn first(&self) -> Result<&T, ()> {
        ready(()).await;
        self.lines.first().ok_or(())
    }
}

#[metered]
#[traced]
fn sum<A, B>(a: A, b: B) -> Result<<A as Add<B>>::Output, Box<dyn Display>>
where
    A: Add<B>,
    for<'a> &'a B: IntoIterator<Item = &'a u8>,
{
    if (&b).into_iter().next().is_none() {
        // A coercion in return position.
        return Err(Box::new("nothing to add"));
    }
    Ok(a + b)
}

#[derive(Clone, Copy)]
struct Bytes([u8; 1]);

impl<'a> IntoIterator for &'a Bytes {
    type Item = &'a u8;
    type IntoIter = std::slice::Iter<'a, u8>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl Add<Bytes> for u8 {
    type Output = u8;

    fn add(self, Bytes([byte]): Bytes) -> u8 {
        self + byte
    }
}

#[metered]
#[traced]
fn coerced(boxed: bool) -> Option<Box<dyn Fn(u8) -> u8>> {
    if boxed {
        return Some(Box::new(|n| n + 1));
    }
    None
}

#[metered]
#[traced]
fn slice() -> &'static [u8] {
    &[1, 2, 3]
}

#[metered]
#[traced]
#[no_mangle]
extern "C" fn tachograph_ui_shapes_exported(n: u8) -> u8 {
    n + 1
}

/// With a doc comment.
///
/// # Safety
///
/// None.
#[metered]
#[traced]
#[inline(never)]
unsafe fn dangerous(n: *const u8) -> Result<u8, ()> {
    n.as_ref().copied().ok_or(())
}

#[metered]
#[traced]
fn inner_attributes(n: u8) -> Result<u8, ()> {
    #![allow(unused_variables)]
    //! And an inner doc comment.
    let unused = 1;
    Ok(n)
}

#[metered]
#[traced]
#[must_use]
fn even(n: u32) -> bool {
    n == 0 || odd(n - 1)
}

#[metered]
#[traced]
fn odd(n: u32) -> bool {
    n != 0 && even(n - 1)
}

#[metered]
#[traced]
async fn not_send(rc: Rc<Cell<u8>>) -> Result<u8, ()> {
    ready(()).await;
    rc.set(rc.get() + 1);
    Ok(rc.get())
}

#[metered]
#[traced]
async fn recursive(n: u8) -> Result<u8, ()> {
    if n == 0 {
        return Ok(0);
    }
    Ok(Box::pin(recursive(n - 1)).await? + 1)
}

#[metered]
#[traced]
fn patterns(
    (a, mut b): (u8, u8),
    [first, rest @ ..]: [u8; 3],
    &c: &u8,
    _: u8,
    #[cfg(any())] missing: Missing,
) -> Result<u8, ()> {
    b += a + first + c;
    Ok(b + rest.iter().sum::<u8>())
}

macro_rules! functions {
    ($($name:ident($($argument:ident: $ty:ty),*) -> $output:ty $body:block)*) => {
        $(
            #[metered]
            #[traced(fields($($argument = ?$argument),*))]
            fn $name($($argument: $ty),*) -> $output $body
        )*
    };
}

functions! {
    made(a: u8, b: Option<u8>) -> Result<u8, ()> { Ok(a + b.ok_or(())?) }
    made_plain(a: u8) -> u8 { a }
}

macro_rules! twice {
    ($name:ident { $($statement:stmt;)* } $value:expr) => {
        #[metered]
        #[traced]
        #[allow(redundant_semicolons)]
        fn $name() -> Result<u8, ()> {
            $($statement;)*
            Ok($value * 2)
        }
    };
}

twice!(doubled { let a = 1; let b = a + 1; } a + b);
twice!(doubled_typed { let a: u8 = 1; let Some(b) = Some(a + 1) else { return Err(()) }; } a + b);

mod shadowed {
    #![allow(dead_code, non_camel_case_types)]

    use tachograph::{metered, traced};

    pub(super) struct Result(pub(super) u8);
    struct Option;
    struct Some;
    struct None;
    struct Ok;
    struct Err;
    struct Box;
    struct Future;
    struct u8_;
    mod core {}
    mod std {}
    mod tachograph_ {}

    #[metered]
    #[traced(fields(call, result, site))]
    pub(super) fn function(call: u8, result: u8, site: u8) -> Result {
        Result(call + result + site)
    }

    #[metered]
    #[traced]
    pub(super) async fn later(call: u8, result: u8) -> Result {
        Result(call + result)
    }
}

#[traced(fields(lazy = counted()))]
fn with_a_field() -> Result<(), ()> {
    Ok(())
}

thread_local! {
    static COUNTED: Cell<u8> = const { Cell::new(0) };
}

fn counted() -> u8 {
    COUNTED.set(COUNTED.get() + 1);
    COUNTED.get()
}

#[metered]
#[traced]
fn panics(with: u8) -> Result<(), ()> {
    std::panic::panic_any(with)
}

fn done<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("still pending"),
    }
}

fn main() {
    let mut cart = Cart::<u8>::default();
    assert_eq!(cart.add(1).add(2).lines, [1, 2]);
    assert_eq!(cart.try_add(3), Err(3));
    assert_eq!(Pin::new(&mut cart).full(), Ok(true));
    assert_eq!(done(cart.first()), Ok(&1));
    assert_eq!(cart.with(|_| Some("x")).unwrap(), "x");
    let cart = Arc::new(cart);
    assert_eq!(cart.shared(), 1);
    assert_eq!(cart.items(), Ok(vec![1, 1]));
    assert_eq!(Rc::new(Cart::<u8>::default()).counted(), Ok(1));

    assert_eq!(sum(1, Bytes([2])).map_err(drop), Ok(3));
    assert_eq!(coerced(true).unwrap()(1), 2);
    assert!(coerced(false).is_none());
    assert_eq!(slice(), [1, 2, 3]);
    assert_eq!(tachograph_ui_shapes_exported(1), 2);
    let _: extern "C" fn(u8) -> u8 = tachograph_ui_shapes_exported;
    assert_eq!(unsafe { dangerous(&7) }, Ok(7));
    assert_eq!(inner_attributes(1), Ok(1));
    assert!(even(10));
    assert_eq!(done(not_send(Rc::default())), Ok(1));
    assert_eq!(done(recursive(3)), Ok(3));
    assert_eq!(patterns((1, 2), [3, 4, 5], &6, 7), Ok(21));
    assert_eq!((made(1, Some(2)), made_plain(3)), (Ok(3), 3));
    assert_eq!((doubled(), doubled_typed()), (Ok(6), Ok(6)));
    assert_eq!(shadowed::function(1, 2, 3).0, 6);
    assert_eq!(done(shadowed::later(1, 2)).0, 3);

    with_a_field().unwrap();
    assert_eq!(COUNTED.get(), 0, "nobody listens");
    let recorder = tachograph::testing::Recorder::new();
    recorder.in_scope(|| with_a_field().unwrap());
    assert_eq!(COUNTED.get(), 1);

    std::panic::set_hook(Box::new(|_| {}));
    let payload = std::panic::catch_unwind(|| panics(9)).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&9_u8));
}
