//! Where the server listens, and which doors each listener has.

use std::io;
use std::net::{SocketAddr, TcpListener};

use super::door::{Door, DoorLimits};
use super::holder;
use crate::config::{SERVE_DOOR, ServerAddress};
use crate::error::BuildError;

/// What code says of doors.
#[derive(Clone, Debug, Default)]
pub(crate) struct DoorsCode {
    /// Whether the listener that all doors share has the debug pages; if nobody says so, only on loopback.
    pub(crate) debug_pages: Option<bool>,
    /// The addresses that are for one door alone.
    pub(crate) own: Vec<(Door, String)>,
}

/// A socket that listens, so that clients wait for it rather than being refused, but is not answered yet.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) socket: TcpListener,
    pub(super) address: SocketAddr,
    pub(super) doors: Vec<Opened>,
}

/// A door that a listener has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opened {
    pub(super) door: Door,
    pub(super) limits: DoorLimits,
    /// Whether its pages are only for those who ask for `localhost` or a literal address.
    pub(super) only_local_names: bool,
}

impl DoorsCode {
    /// A listener at an address that is for one door alone.
    pub(super) fn own(&self) -> impl Iterator<Item = Result<Listener, BuildError>> {
        self.own.iter().map(|(door, address)| {
            let mut listener = listen(&ServerAddress {
                option: SERVE_DOOR.code,
                address: address.clone(),
                is_default: false,
            })?;
            listener.open(*door);
            Ok(listener)
        })
    }

    /// A listener for all doors that have no address of their own.
    pub(super) fn shared(&self, at: &ServerAddress) -> Result<Listener, BuildError> {
        let mut listener = listen(at)?;
        let is_local = listener.address.ip().is_loopback();
        let has_own = |door| self.own.iter().any(|(own, _)| *own == door);
        for door in Door::ALL.iter().copied().filter(|door| !has_own(*door)) {
            if door != Door::Debug || self.debug_pages.unwrap_or(is_local) {
                listener.open(door);
            }
        }
        Ok(listener)
    }
}

impl Listener {
    fn open(&mut self, door: Door) {
        self.doors.push(Opened {
            door,
            limits: door.limits(),
            only_local_names: door == Door::Debug && self.address.ip().is_loopback(),
        });
    }

    pub(super) fn has(&self, door: Door) -> bool {
        self.doors.iter().any(|opened| opened.door == door)
    }
}

/// Listens on `host:port` at once; port 0 is any that is free.
fn listen(at: &ServerAddress) -> Result<Listener, BuildError> {
    let bind = || {
        let socket = TcpListener::bind(&at.address)?;
        socket.set_nonblocking(true)?;
        Ok(Listener {
            address: socket.local_addr()?,
            socket,
            doors: Vec::new(),
        })
    };
    bind().map_err(|source: io::Error| {
        let (option, address) = (at.option.to_owned(), at.address.clone());
        if source.kind() != io::ErrorKind::AddrInUse {
            return BuildError::Listen {
                option,
                address: at.shown(),
                source,
            };
        }
        let port = address
            .rsplit(':')
            .next()
            .and_then(|port| port.parse().ok());
        BuildError::AddressInUse {
            option,
            holder: port.and_then(holder::of).map(|holder| holder.to_string()),
            address,
            source,
        }
    })
}
