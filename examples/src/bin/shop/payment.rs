//! Payment, which fails now and then.

use std::time::Duration;

use tachograph::{metered, traced};
use tokio::time::sleep;

/// The bank said no.
#[derive(Debug, thiserror::Error)]
#[error("card declined for {cents} cents")]
pub(crate) struct Declined {
    cents: u64,
}

/// Charges a customer's card.
#[traced(kind = "client", fields(payment.cents = cents), err)]
#[metered(name = "shop.payments", buckets = exponential)]
pub(crate) async fn charge(customer: u64, cents: u64) -> Result<(), Declined> {
    sleep(Duration::from_micros(fastrand::u64(300..1_500))).await;
    if is_covered(customer, cents) {
        Ok(())
    } else {
        Err(Declined { cents })
    }
}

#[traced]
#[metered]
fn is_covered(customer: u64, cents: u64) -> bool {
    !(customer + cents).is_multiple_of(7)
}
