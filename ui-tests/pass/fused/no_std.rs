//! A crate without std, of a program that has it.
#![no_std]
#![deny(warnings)]
#![forbid(unsafe_code)]

extern crate alloc;
// The program's.
extern crate std;

use alloc::boxed::Box;
use alloc::string::String;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use tachograph::{metered, traced};

#[derive(Debug, PartialEq)]
struct Full;

struct Buffer<const N: usize>([u8; N], usize);

#[metered]
#[traced(err(Debug))]
impl<const N: usize> Buffer<N> {
    fn push(&mut self, byte: u8) -> Result<usize, Full> {
        let place = self.0.get_mut(self.1).ok_or(Full)?;
        *place = byte;
        self.1 += 1;
        Ok(self.1)
    }

    async fn push_later(&mut self, byte: u8) -> Result<usize, Full> {
        self.push(byte)
    }

    fn push_boxed(
        &mut self,
        byte: u8,
    ) -> Pin<Box<dyn Future<Output = Result<usize, Full>> + Send + '_>> {
        Box::pin(self.push_later(byte))
    }
}

#[metered]
#[traced(fields(text, length = ?text.len()))]
fn checked(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.into())
}

fn main() {
    let mut buffer = Buffer([0; 1], 0);
    let mut cx = Context::from_waker(Waker::noop());
    let pushed = buffer.push_boxed(1).as_mut().poll(&mut cx);
    assert_eq!(pushed, Poll::Ready(Ok(1)));
    assert_eq!(buffer.push(1), Err(Full));
    assert_eq!(checked("a").as_deref(), Some("a"));
}
