//! Blocks: what they leave out, what is configured away, and what only looks like an attribute of ours.
#![deny(warnings)]
#![no_implicit_prelude]

use ::std::clone::Clone;
use ::std::ops::{Drop, FnOnce};
use ::std::option::Option::{self, Some};
use ::std::{assert_eq, vec::Vec};
use ::tachograph::testing::Recorder;
use ::tachograph::traced as spanned;

struct Shelf<T>(Vec<T>);

#[spanned]
impl<T: Clone> Shelf<T> {
    const SIZE: usize = 1;

    const fn capacity() -> usize {
        Self::SIZE
    }

    fn first(&self) -> Option<T> {
        self.0.first().cloned()
    }

    #[cfg(any())]
    fn missing(&self) -> Missing {}

    #[cfg_attr(all(), spanned(name = "last one"))]
    fn last(&self) -> Option<T> {
        self.0.last().cloned()
    }

    #[spanned(skip)]
    fn untold(&self, f: impl FnOnce()) {
        f();
    }
}

#[spanned]
impl<T> Drop for Shelf<T> {
    fn drop(&mut self) {}
}

struct Told;

#[spanned]
impl Drop for Told {
    #[spanned(name = "dropped")]
    fn drop(&mut self) {}
}

#[spanned]
mod inner {
    #![allow(clippy::all)]
    //! With inner attributes.

    macro_rules! doubled {
        ($($name:ident: $n:expr)*) => {
            #[super::spanned]
            pub(super) mod made {
                $(pub(crate) fn $name() -> u8 {
                    $n * 2
                })*
            }
        };
    }

    doubled!(six: 1 + 2);

    #[test]
    fn tested() {}
}

#[spanned]
#[cfg(any())]
mod missing {
    fn function() -> Missing {}
}

fn main() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        let shelf = Shelf(::std::vec![1, 2]);
        assert_eq!(Shelf::<u8>::capacity(), 1);
        assert_eq!(shelf.first(), Some(1));
        assert_eq!(shelf.last(), Some(2));
        shelf.untold(|| assert_eq!(inner::made::six(), 6));
        let _told = Told;
    });
    recorder.assert_traces(
        "
        Shelf::first 0ns
        last one 0ns
        made::six 0ns
        dropped 0ns
        ",
    );
}
