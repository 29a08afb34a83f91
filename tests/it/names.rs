//! What functions are called in spans and metrics.

use tachograph::testing::Recorder;
use tachograph::{metered, traced};
use tachograph_tests::check;

/// Calls a function and compares its span's name, its `function` label and its full path.
#[track_caller]
fn check_names(call: impl FnOnce(), span: &str, function: &str, path: &str) {
    let recorder = Recorder::new();
    recorder.in_scope(call);
    let spans = recorder.spans();
    let span_of_call = spans.iter().next().expect("the function is traced");
    let site = span_of_call.site().expect("the span is a call");
    assert_eq!(
        (span_of_call.name(), site.function(), site.path()),
        (span, function, path)
    );
}

struct Cart<T>(T);

impl<T> Cart<T> {
    #[traced]
    fn pay(&self) -> &T {
        &self.0
    }

    #[traced]
    fn new(item: T) -> Self {
        Self(item)
    }
}

trait Tax {
    #[traced]
    fn provided(&self) {}

    fn rate(&self) -> u8;
}

impl Tax for u32 {
    #[traced]
    fn rate(&self) -> u8 {
        19
    }
}

impl<T> Tax for Cart<Vec<T>> {
    #[traced]
    fn rate(&self) -> u8 {
        7
    }
}

#[traced]
fn outermost() {
    #[traced]
    fn nested() {}

    nested();
}

#[traced]
async fn later() {}

mod deep {
    pub(super) mod deeper {
        #[tachograph::traced]
        pub(crate) fn bottom() {}

        pub(crate) trait Far {
            fn far(&self);
        }

        impl Far for super::super::Cart<u8> {
            #[tachograph::traced]
            fn far(&self) {}
        }
    }
}

#[test]
fn a_free_function_has_its_module() {
    check_names(
        outermost,
        "outermost::nested",
        "outermost::nested",
        "it::names::outermost::nested",
    );
    let bottom = "it::names::deep::deeper::bottom";
    check_names(deep::deeper::bottom, "deeper::bottom", "bottom", bottom);
    let later_now = || tachograph_tests::futures::block_on(later());
    check_names(later_now, "names::later", "later", "it::names::later");
}

#[test]
fn a_method_has_its_type_without_arguments() {
    check_names(
        || _ = Cart::new(1),
        "Cart::new",
        "Cart::new",
        "it::names::Cart::new",
    );
    check_names(
        || _ = Cart("x").pay(),
        "Cart::pay",
        "Cart::pay",
        "it::names::Cart::pay",
    );
}

#[test]
fn a_method_of_a_trait_has_the_type_or_the_trait() {
    check_names(
        || _ = 1_u32.rate(),
        "u32::rate",
        "u32::rate",
        "it::names::u32::rate",
    );
    let vec = Cart(vec![1]);
    check_names(
        || _ = vec.rate(),
        "Cart::rate",
        "Cart::rate",
        "it::names::Cart::rate",
    );
    check_names(
        || 1_u32.provided(),
        "Tax::provided",
        "Tax::provided",
        "it::names::Tax::provided",
    );
    let far = || deep::deeper::Far::far(&Cart(1));
    check_names(
        far,
        "Cart::far",
        "Cart::far",
        "it::names::deep::deeper::Cart::far",
    );
}

const CHECKOUT: &str = "checkout by constant";

#[traced(name = "checkout", kind = "client")]
#[metered(name = "shop.checkout")]
fn named() {}

#[traced(name = CHECKOUT)]
fn named_elsewhere() {}

#[test]
fn a_name_may_be_chosen() {
    check(
        |_| {
            named();
            named_elsewhere();
        },
        "
        checkout (client) 0ns
        checkout by constant 0ns
        ",
        "
        shop.checkout.calls{function=named,module=it::names,result=ok} +1
        shop.checkout.calls.duration{function=named,module=it::names,result=ok} +1 sum 0ns
        ",
    );
}
