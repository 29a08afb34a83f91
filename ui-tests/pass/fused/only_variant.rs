//! Matches that read nothing, in closures that we write: what a closure captures depends on its edition. The macros'
//! documentation tests compile this file in the edition 2018.

use std::future::{ready, Future};
use std::pin::Pin;

use tachograph::{metered, traced};

/// To match its only variant nothing is read, so a closure of the edition 2021 does not capture what is matched.
#[derive(Debug)]
enum Only {
    Variant,
}

#[derive(Debug)]
struct Refused;

impl Only {
    #[metered]
    fn by_reference(&self) -> Result<u8, Refused> {
        match *self {
            Only::Variant => Ok(1),
        }
    }

    #[metered(labels(times(times, max = 4)))]
    fn by_value(self, times: u8, other: Only) -> Result<u8, Refused> {
        let text = match self {
            Only::Variant => "a",
        };
        match other {
            Only::Variant if text == "a" => Ok(times),
            Only::Variant => Err(Refused),
        }
    }

    #[traced(ret)]
    fn looked_at(&self, other: Only) -> u8 {
        match *self {
            Only::Variant => {}
        }
        match other {
            Only::Variant => 3,
        }
    }

    #[traced(fields(times), err(Debug))]
    async fn later(&self, times: u8, other: Only) -> Result<u8, Refused> {
        match *self {
            Only::Variant => ready(()).await,
        }
        match other {
            Only::Variant => Ok(times),
        }
    }

    #[metered]
    fn boxed(&self, other: Only) -> Pin<Box<dyn Future<Output = u8> + '_>> {
        let Only::Variant = other;
        if cfg!(unix) {
            return Box::pin(async move {
                match *self {
                    Only::Variant => 5,
                }
            });
        }
        Box::pin(ready(5))
    }
}

fn main() {
    let other = || Only::Variant;
    assert_eq!(other().by_reference().unwrap(), 1);
    assert_eq!(other().by_value(2, other()).unwrap(), 2);
    assert_eq!(other().looked_at(other()), 3);
    drop(other().later(4, other()));
    drop(other().boxed(other()));
}
