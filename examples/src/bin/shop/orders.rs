//! Orders: what the shop is there for.

use tachograph::{Label, metered, traced};

use crate::payment::{self, Declined};
use crate::warehouse::{self, SoldOut};

/// What kind of customer somebody is; few values, so calls may be labelled with it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Tier {
    Guest,
    Member,
}

impl Label for Tier {
    const VALUES: &'static [&'static str] = &["guest", "member"];

    fn index(&self) -> usize {
        match self {
            Tier::Guest => 0,
            Tier::Member => 1,
        }
    }
}

/// What a customer wants.
pub(crate) struct Cart {
    pub(crate) customer: u64,
    pub(crate) tier: Tier,
    pub(crate) items: u32,
    pub(crate) coupon: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum OrderError {
    #[error("payment failed")]
    Payment(#[from] Declined),
    #[error("nothing left")]
    Stock(#[from] SoldOut),
}

/// Places an order: price, stock, payment.
#[traced(fields(customer.id = cart.customer, order.items = cart.items), err)]
#[metered(name = "shop.orders", labels(tier = cart.tier), buckets = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5])]
pub(crate) async fn place(cart: Cart) -> Result<u64, OrderError> {
    let cents = cart.total();
    warehouse::reserve(cart.items).await?;
    payment::charge(cart.customer, cents).await?;
    Ok(cents)
}

impl Cart {
    /// The price of everything in the cart, in cents.
    #[traced]
    #[metered]
    fn total(&self) -> u64 {
        let discount = self.coupon.as_deref().map_or(0, discount);
        let cents = u64::from(self.items) * 1_295;
        cents - cents * discount / 100
    }
}

/// How many percent a coupon takes off.
///
/// A mistake waits in it, so that the shop has something to show: a coupon without a number panics.
#[traced(fields(coupon))]
#[metered]
fn discount(coupon: &str) -> u64 {
    let percent = coupon.trim_start_matches(char::is_alphabetic);
    percent
        .parse()
        .expect("every coupon ends with its percentage")
}
