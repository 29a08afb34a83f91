//! What an application says of the server's doors.

use std::net::SocketAddr;

use super::Door;
use crate::telemetry::{Telemetry, TelemetryBuilder};

impl TelemetryBuilder {
    /// Serves the pages of one door at an address of their own, and no longer where the others are: port 0 is any that is
    /// free.
    ///
    /// Whoever gives the debug pages such an address opens them to all who reach it: on loopback to those who ask for
    /// `localhost` or a literal address, elsewhere by any name.
    ///
    /// ```no_run
    /// use tachograph_exporters::{Door, Telemetry};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let telemetry = Telemetry::builder("checkout")
    ///     .serve("0.0.0.0:9090")
    ///     .serve_door(Door::Debug, "127.0.0.1:9091")
    ///     .install()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn serve_door(mut self, door: Door, address: impl Into<String>) -> Self {
        let own = &mut self.code.doors.own;
        own.retain(|(known, _)| *known != door);
        own.push((door, address.into()));
        self
    }

    /// Whether the debug pages, which show what spans recorded, are where the other pages are. By default they are on
    /// loopback, and answer 404 elsewhere.
    pub fn debug_pages(mut self, open: bool) -> Self {
        self.code.doors.debug_pages = Some(open);
        self
    }
}

impl Telemetry {
    /// Where the pages of one door are, if they are anywhere.
    #[must_use]
    pub fn door_address(&self, door: Door) -> Option<SocketAddr> {
        self.addresses.of(door)
    }
}
