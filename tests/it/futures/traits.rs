//! async-trait, and `async fn` in traits.

use std::time::Duration;

use async_trait::async_trait;
use tachograph::{metered, traced};
use tachograph_tests::check;
use tachograph_tests::futures::{block_on, poll};

use super::{Opened, leaf, open};

struct Shop(u8);

#[async_trait]
trait Door: Sync {
    async fn enter(&self, turns: u32) -> Opened;

    /// Provided.
    #[traced]
    async fn enter_soon(&self) -> Opened {
        self.enter(1).await
    }
}

#[async_trait]
impl Door for Shop {
    #[traced(err, fields(turns, hour = self.0))]
    #[metered]
    async fn enter(&self, turns: u32) -> Opened {
        leaf();
        let opened = open(turns, self.0).await?;
        Ok(opened)
    }
}

#[traced]
#[async_trait]
impl Door for u8 {
    async fn enter(&self, turns: u32) -> Opened {
        open(turns, *self).await
    }
}

#[async_trait]
#[traced]
impl Door for u16 {
    async fn enter(&self, turns: u32) -> Opened {
        open(turns, 9 + u8::try_from(*self).unwrap()).await
    }
}

#[test]
fn async_trait_may_stand_above_and_below() {
    check(
        |recorder| {
            let shop: &dyn Door = &Shop(20);
            assert!(block_on(shop.enter_soon()).is_err());
            drop(shop.enter(7));
            let mut dropped = shop.enter(7);
            assert!(poll(dropped.as_mut()).is_pending());
            drop(dropped);
            recorder.clock().advance(Duration::from_secs(1));
            assert_eq!(block_on(9_u8.enter(2)).unwrap(), 9);
            assert_eq!(block_on(1_u16.enter(2)).unwrap(), 10);
        },
        r#"
        Door::enter_soon 0ns error.type=it::futures::Closed [error]
          Shop::enter 0ns turns=1 hour=20 error.type=it::futures::Closed [error: closed since 18]
            * exception +0ns exception.type=it::futures::Closed exception.message="closed since 18"
            futures::leaf 0ns
        Shop::enter 0ns turns=7 hour=20 tachograph.cancelled=true
          futures::leaf 0ns
        u8::enter 0ns
        u16::enter 0ns
        "#,
        "
        function.calls{function=Shop::enter,module=it::futures::traits,result=cancelled} +1
        function.calls{function=Shop::enter,module=it::futures::traits,result=error} +1
        function.calls.duration{function=Shop::enter,module=it::futures::traits,result=cancelled} +1 sum 0ns
        function.calls.duration{function=Shop::enter,module=it::futures::traits,result=error} +1 sum 0ns
        ",
    );
}

trait Gate {
    async fn pass(&self) -> Opened;

    fn opaque(&self) -> impl Future<Output = Opened> + Send;

    #[traced]
    async fn pass_twice(&self) -> Opened {
        self.pass().await?;
        self.opaque().await
    }
}

impl Gate for Shop {
    #[traced(err)]
    async fn pass(&self) -> Opened {
        open(1, self.0).await
    }

    #[traced]
    fn opaque(&self) -> impl Future<Output = Opened> + Send {
        open(1, self.0 + 9)
    }
}

#[test]
fn async_functions_in_traits_are_calls_of_the_implementation() {
    check(
        |_| {
            assert!(block_on(Shop(9).pass_twice()).is_err());
            drop(Shop(9).pass());
        },
        "
        Gate::pass_twice 0ns error.type=it::futures::Closed [error]
          Shop::pass 0ns
          Shop::opaque 0ns error.type=it::futures::Closed [error]
        ",
        "",
    );
}
