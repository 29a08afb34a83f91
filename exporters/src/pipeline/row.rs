//! The row of stages that a payload passes on its way to the backend.
//!
//! ```text
//! outbox ─► Halve ─► Breaker ─► Retry ─► Attempt ─► transport
//! ```

use std::sync::{Arc, Mutex};

use super::attempt::Attempt;
use super::breaker::Breaker;
use super::circuit::Circuit;
use super::halve::Halve;
use super::parcel::Parcel;
use super::retry::Retry;
use super::sink::{Encoder, Transport};
use super::verdict::Verdict;

/// One stage of the row: it carries a parcel on to the next one, and thinks about the verdict that comes back.
pub(super) trait Stage: Send + Sync {
    fn carry(&self, parcel: &mut Parcel) -> impl Future<Output = Verdict> + Send;
}

/// All stages.
pub(super) type Row<D> = Halve<D, Breaker<Retry<Attempt>>>;

/// The row to one transport. Lanes to the same server have the circuit in common.
pub(super) fn row<D>(
    encoder: Arc<Mutex<Box<dyn Encoder<D>>>>,
    transport: Box<dyn Transport>,
    circuit: Arc<Circuit>,
) -> Row<D> {
    let attempt = Attempt::new(transport);
    let retry = Retry::new(Arc::clone(&circuit), attempt);
    let breaker = Breaker::new(circuit, retry);
    Halve::new(encoder, breaker)
}
