//! Receivers, implementations and traits.
#![deny(warnings)]

use std::pin::Pin;
use std::rc::Rc;

use tachograph::testing::Recorder;
use tachograph::traced;

#[derive(Default)]
struct Cart<T = u8> {
    lines: Vec<T>,
    name: String,
}

impl<T: Clone> Cart<T> {
    #[traced]
    fn new(lines: &[T]) -> Self {
        Self {
            lines: lines.to_vec(),
            name: "cart".to_owned(),
        }
    }

    #[traced]
    fn first(&self) -> Result<&T, &str> {
        self.lines.first().ok_or(&self.name)
    }

    #[traced]
    fn add(&mut self, line: T) -> Result<&mut T, ()> {
        self.lines.push(line);
        self.lines.last_mut().ok_or(())
    }

    #[traced]
    fn into_lines(self) -> Result<Vec<T>, String> {
        if self.lines.is_empty() {
            return Err(self.name);
        }
        Ok(self.lines)
    }

    #[traced]
    fn emptied(mut self) -> Result<Self, ()> {
        self.lines.clear();
        Ok(self)
    }

    #[traced]
    fn unboxed(self: Box<Self>) -> Result<Vec<T>, ()> {
        Ok(self.lines)
    }

    #[traced]
    fn shared(self: &Rc<Self>) -> Result<usize, ()> {
        Ok(Rc::strong_count(self))
    }

    #[traced]
    fn pinned(self: Pin<&mut Self>) -> Result<usize, ()> {
        Ok(self.lines.len())
    }
}

trait Priced {
    fn price(&self) -> Result<u8, ()>;

    #[traced]
    fn doubled(&self) -> Result<u8, ()>
    where
        Self: Sized,
    {
        Ok(self.price()? * 2)
    }
}

impl Priced for Cart<u8> {
    #[traced]
    fn price(&self) -> Result<u8, ()> {
        Ok(self.lines.iter().sum())
    }
}

fn main() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        let mut cart = Cart::new(&[1, 2]);
        assert_eq!(cart.first(), Ok(&1));
        assert_eq!(cart.add(3), Ok(&mut 3));
        assert_eq!(cart.doubled(), Ok(12));
        assert_eq!(Pin::new(&mut cart).pinned(), Ok(3));
        assert_eq!(Box::new(cart).unboxed(), Ok(vec![1, 2, 3]));
        assert_eq!(Rc::new(Cart::new(&[""])).shared(), Ok(1));
        let emptied = Cart::new(&[()]).emptied().unwrap();
        assert_eq!(emptied.into_lines().unwrap_err(), "cart");
    });
    let traces = recorder.traces();
    let names: Vec<_> = traces
        .lines()
        .map(|line| {
            line.split_once(' ')
                .map_or(line, |_| line.trim_start())
                .split(' ')
                .next()
                .unwrap()
        })
        .collect();
    assert_eq!(
        names,
        [
            "Cart::new",
            "Cart::first",
            "Cart::add",
            "Priced::doubled",
            "Cart::price",
            "Cart::pinned",
            "Cart::unboxed",
            "Cart::new",
            "Cart::shared",
            "Cart::new",
            "Cart::emptied",
            "Cart::into_lines",
        ],
        "{traces}"
    );
}
