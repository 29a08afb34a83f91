//! Both attributes on one function: the outer one takes the inner one along, and one site and one call serve both.

#[metered]
#[traced]
fn plainly() {}

/// Pays a cart.
#[traced(err, fields(cart.id = cart.id))]
#[inline]
#[tachograph::metered(name = "shop.checkout", labels(tier = cart.tier))]
pub(crate) async fn with_options(cart: Cart) -> Result<Receipt, CartError> {
    cart.pay().await
}

#[traced(on_ok(rows = ok.rows()))]
#[metered(on_ok(source = ok.source), on_err(code(err.code(), max = 50)))]
fn looking_once() -> Result<Page, Failed> {
    load()
}

impl Cart {
    #[::tachograph::metered]
    #[::tachograph::traced]
    pub fn method(&self) -> usize {
        self.lines.len()
    }
}

#[metered(crate = crate::telemetry)]
#[crate::telemetry::traced]
fn through_a_crate_path() {}

#[metered]
#[other::traced]
fn of_another_family() {}
