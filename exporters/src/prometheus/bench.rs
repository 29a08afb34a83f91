//! The renderer for the benches, which measure it without a server around it.

use tachograph::Resource;
use tachograph::metrics::Snapshot;

use super::{Format, Renderer};

/// Renders pages of Prometheus' text, and keeps from one to the next what the server keeps.
#[derive(Debug)]
pub struct Pages(Renderer);

impl Pages {
    /// Of the program that this resource describes.
    #[must_use]
    pub fn of(resource: &Resource) -> Self {
        Self(Renderer::new(resource))
    }

    /// How many bytes a page of this snapshot has. What has to be left out of it is told to nobody.
    pub fn render(&mut self, snapshot: &Snapshot) -> usize {
        self.0.render(snapshot, Format::Text, drop).len()
    }
}
