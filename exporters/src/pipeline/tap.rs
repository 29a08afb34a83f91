//! Who else sees what is collected: before the lanes, and whatever becomes of these.

use std::sync::Arc;

use tachograph::trace::SpanBatch;

use crate::store::TraceStore;

/// A view of the data in this process.
pub(crate) trait Tap<D>: Send + Sync {
    /// It must be quick: everything else waits.
    fn see(&self, data: &Arc<D>);
}

impl Tap<SpanBatch> for TraceStore {
    fn see(&self, data: &Arc<SpanBatch>) {
        self.add(data);
    }
}
