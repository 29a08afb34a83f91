//! Attributes on an `impl` block, a trait and a module.

#![expect(clippy::unused_self, reason = "methods are what a block is for")]

use tachograph::testing::Recorder;
use tachograph::{metered, sites, traced};
use tachograph_tests::check;
use tachograph_tests::futures::block_on;

struct Shelf<T>(Vec<T>);

#[traced(err(Debug), kind = "client")]
#[metered]
impl<T: Clone> Shelf<T> {
    const fn new(items: Vec<T>) -> Self {
        Self(items)
    }

    fn get(&self, at: usize) -> Result<T, usize> {
        self.0.get(at).cloned().ok_or(at)
    }

    #[traced(kind = "server", fields(at))]
    async fn fetch(&self, at: usize) -> Option<T> {
        self.get(at).ok()
    }

    #[traced(skip)]
    fn only_metered(&self) {}

    #[metered(skip)]
    fn only_traced(&self) {}

    #[traced(skip)]
    #[metered(skip)]
    fn neither(&self) {}

    #[cfg_attr(all(), traced(skip))]
    #[cfg_attr(any(), metered(skip))]
    fn configured(&self) {}

    #[cfg(any())]
    fn missing(&self) -> Missing {}
}

#[test]
fn an_impl_block_hands_its_attributes_on() {
    check(
        |_| {
            let shelf = Shelf::new(vec![7]);
            assert_eq!(block_on(shelf.fetch(0)), Some(7));
            assert_eq!(shelf.get(3), Err(3));
            shelf.only_metered();
            shelf.only_traced();
            shelf.neither();
            shelf.configured();
        },
        r#"
        Shelf::fetch (server) 0ns at=0
          Shelf::get (client) 0ns
        Shelf::get (client) 0ns error.type=usize [error: 3]
          * exception +0ns exception.type=usize exception.message="3"
        Shelf::only_traced (client) 0ns
        "#,
        "
        function.calls{function=Shelf::configured,module=it::blocks,result=ok} +1
        function.calls{function=Shelf::fetch,module=it::blocks,result=ok} +1
        function.calls{function=Shelf::get,module=it::blocks,result=error} +1
        function.calls{function=Shelf::get,module=it::blocks,result=ok} +1
        function.calls{function=Shelf::only_metered,module=it::blocks,result=ok} +1
        function.calls.duration{function=Shelf::configured,module=it::blocks,result=ok} +1 sum 0ns
        function.calls.duration{function=Shelf::fetch,module=it::blocks,result=ok} +1 sum 0ns
        function.calls.duration{function=Shelf::get,module=it::blocks,result=error} +1 sum 0ns
        function.calls.duration{function=Shelf::get,module=it::blocks,result=ok} +1 sum 0ns
        function.calls.duration{function=Shelf::only_metered,module=it::blocks,result=ok} +1 sum 0ns
        ",
    );
}

#[traced]
trait Priced {
    fn price(&self) -> u64;

    fn doubled(&self) -> u64 {
        self.price() * 2
    }

    async fn later(&self) -> u64 {
        self.doubled()
    }
}

#[traced(kind = "client", level = "debug", target = "shop", sample = 1.0)]
impl Priced for u64 {
    fn price(&self) -> u64 {
        *self
    }
}

#[test]
fn a_trait_hands_its_attribute_on_to_provided_methods() {
    check(
        |_| assert_eq!(block_on(4_u64.later()), 8),
        "
        Priced::later 0ns
          Priced::doubled 0ns
            u64::price (client) 0ns
        ",
        "",
    );
}

#[tachograph::traced]
mod shop {
    use tachograph::traced as spanned;

    pub(super) fn checkout() {
        inner::Cart(0).pay();
        Free.take();
    }

    mod inner {
        pub(super) struct Cart(pub(super) u8);

        impl Cart {
            pub(super) fn pay(mut self) {
                self.0 += 1;
                twice!(self.0);
            }
        }

        impl Drop for Cart {
            fn drop(&mut self) {}
        }

        macro_rules! twice {
            ($n:expr) => {
                made($n)
            };
        }
        use twice;

        /// Known under one name here and another outside: still one probe.
        #[super::spanned(name = "made here")]
        fn made(_: u8) {}
    }

    struct Free;

    #[spanned(skip)]
    impl Free {
        fn take(&self) {}
    }
}

#[test]
fn a_module_hands_its_attribute_on_to_the_blocks_in_it() {
    check(
        |_| shop::checkout(),
        "
        shop::checkout 0ns
          Cart::pay 0ns
            made here 0ns
        ",
        "",
    );
}

#[metered(in_flight = false, duration(sample = 64), objective(success = 99.9))]
mod nested {
    #[tachograph::traced]
    pub(super) mod deeper {
        #[tachograph::metered(name = "deep.down")]
        pub(crate) fn bottom() {}
    }
}

#[test]
fn every_function_has_one_site() {
    let recorder = Recorder::new();
    recorder.in_scope(nested::deeper::bottom);
    assert_eq!(recorder.spans().iter().count(), 1);
    let bottom: Vec<_> = sites()
        .into_iter()
        .filter(|site| site.path() == "it::blocks::nested::deeper::bottom")
        .map(|site| (site.is_metered(), site.is_traced()))
        .collect();
    assert_eq!(bottom, [(true, true)]);
}

mod aliased {
    use tachograph::{metered as counted, traced as spanned};

    pub(super) struct Till;

    #[spanned(err)]
    #[counted(in_flight = false)]
    impl Till {
        #[tachograph::metered]
        #[spanned(skip)]
        pub(super) fn only_metered(&self) {}

        #[tachograph::traced]
        #[counted(skip)]
        pub(super) fn only_traced(&self) {}

        #[tachograph::metered]
        #[inline]
        #[spanned(fields(n))]
        pub(super) fn both(&self, n: u8) -> Result<u8, String> {
            Err(format!("no {n}"))
        }

        #[counted]
        #[spanned]
        pub(super) fn both_under_other_names(&self) {}
    }
}

#[test]
fn what_is_written_under_another_name_goes_before_the_block() {
    check(
        |_| {
            let till = aliased::Till;
            till.only_metered();
            till.only_traced();
            let _ = till.both(7);
            till.both_under_other_names();
        },
        r#"
        Till::only_traced 0ns
        Till::both 0ns n=7 error.type=alloc::string::String [error: no 7]
          * exception +0ns exception.type=alloc::string::String exception.message="no 7"
        Till::both_under_other_names 0ns
        "#,
        "
        function.calls{function=Till::both,module=it::blocks::aliased,result=error} +1
        function.calls{function=Till::both_under_other_names,module=it::blocks::aliased,result=ok} +1
        function.calls{function=Till::only_metered,module=it::blocks::aliased,result=ok} +1
        function.calls.duration{function=Till::both,module=it::blocks::aliased,result=error} +1 sum 0ns
        function.calls.duration{function=Till::both_under_other_names,module=it::blocks::aliased,result=ok} +1 sum 0ns
        function.calls.duration{function=Till::only_metered,module=it::blocks::aliased,result=ok} +1 sum 0ns
        ",
    );
}
