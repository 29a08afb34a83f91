//! Requests as single datagrams, which nobody acknowledges.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{UdpSocket, lookup_host};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until};

use super::causes::with_causes;
use crate::error::BuildError;
use crate::pipeline::payload::Payload;
use crate::pipeline::sink::{Sending, Transport};
use crate::pipeline::verdict::{Receipt, Verdict};

/// The system sends no larger datagram: where it has a limit of its own, that; else UDP's own over IPv4.
pub(crate) const MAX_DATAGRAM_BYTES: usize = if cfg!(target_vendor = "apple") {
    // `net.inet.udp.maxdgram`, which hardly anybody changes.
    9_216
} else {
    65_507
};

/// `EMSGSIZE`: the system, or the way to the receiver, takes no datagram of this size.
const MESSAGE_TOO_LONG: i32 = if cfg!(windows) {
    10_040
} else if cfg!(any(target_os = "android", target_os = "linux")) {
    90
} else {
    40
};

/// A name may have moved to another address meanwhile.
const RESOLVE_EVERY: Duration = Duration::from_secs(60);

/// From one datagram to the next. As Linux is set up, receivers have room for three of 64 kB, and what comes before
/// they have read those is lost without a word: on a busy machine half of a batch, without this pause.
const PAUSE: Duration = Duration::from_millis(2);

/// Sends payloads to one port of a host.
///
/// A connected socket learns from ICMP that nobody listens. On the same machine that is known at once; from farther
/// away the news comes later and fails the next payload, which is then sent anew.
#[derive(Debug)]
pub(crate) struct UdpTransport {
    host: String,
    port: u16,
    resolve_every: Duration,
    connected: Mutex<Option<Connected>>,
}

#[derive(Debug)]
struct Connected {
    socket: UdpSocket,
    since: Instant,
    ready_at: Instant,
}

impl UdpTransport {
    /// Resolves the name when the first payload is sent. `option` names the host.
    ///
    /// # Errors
    ///
    /// [`BuildError::InvalidEndpoint`] for what can be neither a name nor an address, and for port 0.
    pub(crate) fn new(option: &str, host: String, port: u16) -> Result<Self, BuildError> {
        // An IPv6 address may stand in brackets, as it does in URLs.
        let bare = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let host = bare.map(str::to_owned).unwrap_or(host);
        let invalid = |reason: &str| BuildError::InvalidEndpoint {
            option: option.to_owned(),
            reason: reason.to_owned(),
        };
        if host.is_empty() || host.contains(['/', '@', ' ', '[', ']']) {
            return Err(invalid(
                "write a name or an address alone, such as `localhost`",
            ));
        }
        if port == 0 {
            return Err(invalid("its port must be between 1 and 65535"));
        }
        Ok(Self {
            host,
            port,
            resolve_every: RESOLVE_EVERY,
            connected: Mutex::new(None),
        })
    }

    async fn deliver(&self, body: &[u8]) -> io::Result<()> {
        let mut connected = self.connected.lock().await;
        // Taken, so that after an error the name is resolved again.
        let current = match connected.take() {
            Some(known) if known.since.elapsed() < self.resolve_every => known.send(body).await?,
            known => match (lookup_host((&*self.host, self.port)).await, known) {
                (Ok(addresses), _) => Connected::first_of(addresses, body).await?,
                // A name server that is down says nothing about the receiver.
                (Err(_), Some(known)) => known.send(body).await?,
                (Err(error), None) => return Err(error),
            },
        };
        *connected = Some(current);
        Ok(())
    }
}

impl Connected {
    /// `localhost`, for one, may have an address where nobody listens before the right one.
    async fn first_of(
        addresses: impl Iterator<Item = SocketAddr>,
        body: &[u8],
    ) -> io::Result<Self> {
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        for address in addresses {
            let sent = async { Self::to(address).await?.send(body).await };
            match sent.await {
                Ok(new) => return Ok(new),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    async fn to(address: SocketAddr) -> io::Result<Self> {
        let any: SocketAddr = match address {
            SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
            SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
        };
        let socket = UdpSocket::bind(any).await?;
        socket.connect(address).await?;
        let now = Instant::now();
        Ok(Self {
            socket,
            since: now,
            ready_at: now,
        })
    }

    /// Gives itself back unless something is wrong with it.
    async fn send(mut self, body: &[u8]) -> io::Result<Self> {
        sleep_until(self.ready_at).await;
        self.socket.send(body).await?;
        self.ready_at = Instant::now() + PAUSE;
        match self.socket.take_error()? {
            Some(error) => Err(error),
            None => Ok(self),
        }
    }
}

impl Transport for UdpTransport {
    fn send<'a>(&'a self, payload: &'a Payload) -> Sending<'a> {
        Box::pin(async move {
            match self.deliver(&payload.body).await {
                Ok(()) => Verdict::Taken(Receipt::default()),
                Err(error) if error.raw_os_error() == Some(MESSAGE_TOO_LONG) => {
                    let bytes = payload.body.len();
                    Verdict::TooLarge {
                        reason: format!("{self} cannot be sent {bytes} bytes at once"),
                    }
                }
                Err(error) => {
                    let causes = with_causes(&error);
                    Verdict::later(format!("{self} could not be reached: {causes}"))
                }
            }
        })
    }
}

impl fmt::Display for UdpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "udp://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "udp://{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests;
