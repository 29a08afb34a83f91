//! Halves of what a backend finds too large, and the books on what became of all parts.
//!
//! OTLP's specification has such requests dropped. Most of what they hold would be taken in smaller ones.

use std::sync::{Arc, Mutex, PoisonError};

use super::parcel::Parcel;
use super::payload::Payload;
use super::row::Stage;
use super::sink::Encoder;
use super::verdict::Verdict;

/// The first stage: it settles parcels.
pub(super) struct Halve<D, S> {
    encoder: Arc<Mutex<Box<dyn Encoder<D>>>>,
    next: S,
}

impl<D, S: Stage> Halve<D, S> {
    pub(super) fn new(encoder: Arc<Mutex<Box<dyn Encoder<D>>>>, next: S) -> Self {
        Self { encoder, next }
    }

    /// Carries a parcel on, in parts if need be, until it is settled.
    pub(super) async fn settle(&self, parcel: &mut Parcel) {
        let mut requests_left = max_requests(parcel.payload.items);
        let mut waiting = Vec::new();
        loop {
            let verdict = self.next.carry(parcel).await;
            requests_left -= 1;
            let is_too_large = matches!(verdict, Verdict::TooLarge { .. });
            let halves = is_too_large.then(|| self.halves(&parcel.payload)).flatten();
            // There must be a request for each part that waits.
            let next = match halves {
                Some([first, second]) if requests_left > waiting.len() + 1 => {
                    waiting.push(second);
                    Some(first)
                }
                _ => {
                    parcel.settle(verdict);
                    waiting.pop()
                }
            };
            match next {
                Some(part) => parcel.send_next(part),
                None => break,
            }
        }
    }

    fn halves(&self, payload: &Payload) -> Option<[Payload; 2]> {
        let encoder = self.encoder.lock().unwrap_or_else(PoisonError::into_inner);
        encoder.halves(payload)
    }
}

/// How many requests one payload may become: enough to find a few items that are too large among many.
fn max_requests(items: u64) -> usize {
    2 * items.max(1).ilog2() as usize + 8
}
