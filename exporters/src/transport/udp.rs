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
mod tests {
    use super::*;

    fn transport(host: &str, port: u16) -> UdpTransport {
        UdpTransport::new("X", host.to_owned(), port).expect("a host and a port")
    }

    fn payload(body: &'static [u8]) -> Payload {
        Payload::new(body, 1)
    }

    async fn send(transport: &UdpTransport, body: &'static [u8]) {
        let sent = transport.send(&payload(body)).await;
        assert!(matches!(sent, Verdict::Taken(_)), "{sent:?}");
    }

    /// What arrives next and from where.
    async fn next(receiver: &UdpSocket) -> (Vec<u8>, SocketAddr) {
        let mut datagram = vec![0; 1_000];
        let arrived =
            tokio::time::timeout(Duration::from_secs(10), receiver.recv_from(&mut datagram));
        let (len, from) = arrived.await.expect("a datagram").unwrap();
        datagram.truncate(len);
        (datagram, from)
    }

    #[tokio::test]
    async fn names_and_addresses_of_both_families_are_reached() {
        for (local, hosts) in [
            ("127.0.0.1:0", ["127.0.0.1", "localhost"]),
            ("[::1]:0", ["::1", "[::1]"]),
        ] {
            let receiver = match UdpSocket::bind(local).await {
                Ok(receiver) => receiver,
                // Not every machine has IPv6.
                Err(error) if error.kind() == io::ErrorKind::AddrNotAvailable => continue,
                Err(error) => panic!("{local}: {error}"),
            };
            let port = receiver.local_addr().unwrap().port();
            for host in hosts {
                let transport = transport(host, port);
                for body in [b"one", b"two"] {
                    send(&transport, body).await;
                    assert_eq!(next(&receiver).await.0, body);
                }
            }
        }
    }

    #[tokio::test]
    async fn receivers_get_time_to_read() {
        let receiver = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let transport = transport("127.0.0.1", receiver.local_addr().unwrap().port());
        let begin = Instant::now();
        for _ in 0..4 {
            send(&transport, b"one").await;
        }
        assert!(begin.elapsed() >= 3 * PAUSE);
    }

    #[tokio::test]
    async fn one_socket_serves_until_the_name_is_resolved_again() {
        let receiver = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let mut transport = transport("127.0.0.1", receiver.local_addr().unwrap().port());
        let mut senders = Vec::new();
        for resolve_every in [RESOLVE_EVERY, RESOLVE_EVERY, Duration::ZERO] {
            transport.resolve_every = resolve_every;
            send(&transport, b"one").await;
            senders.push(next(&receiver).await.1);
        }
        assert_eq!(senders[0], senders[1]);
        assert_ne!(senders[1], senders[2]);
    }

    #[tokio::test]
    async fn what_the_system_does_not_send_is_too_large() {
        let receiver = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let transport = transport("127.0.0.1", receiver.local_addr().unwrap().port());
        let sent = transport.send(&Payload::new(vec![0; 70_000], 2)).await;
        assert!(
            matches!(&sent, Verdict::TooLarge { reason } if reason.ends_with("70000 bytes at once")),
            "{sent:?}"
        );
        let largest = Payload::new(vec![0; MAX_DATAGRAM_BYTES], 2);
        assert!(matches!(transport.send(&largest).await, Verdict::Taken(_)));
    }

    /// On Linux a refusal on the same machine is known as soon as the datagram is sent.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_refusal_is_an_error_until_somebody_listens() {
        let receiver = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = receiver.local_addr().unwrap();
        let transport = transport("127.0.0.1", address.port());
        send(&transport, b"one").await;
        drop(receiver);

        for _ in 0..2 {
            let Verdict::Later {
                reason,
                after: None,
                ..
            } = transport.send(&payload(b"two")).await
            else {
                panic!("nobody took it");
            };
            assert!(
                reason.starts_with(&format!(
                    "udp://{address} could not be reached: Connection refused"
                )),
                "{reason}"
            );
        }

        let receiver = UdpSocket::bind(address).await.unwrap();
        send(&transport, b"two").await;
        assert_eq!(next(&receiver).await.0, b"two");
    }

    #[tokio::test]
    async fn an_unknown_name_is_an_error() {
        // Longer than a part of a name can be, so no name server is asked.
        let name = "a".repeat(64);
        let sent = transport(&name, 6831).send(&payload(b"one")).await;
        let Verdict::Later { reason, .. } = sent else {
            panic!("{sent:?}");
        };
        let expected = format!("udp://{name}:6831 could not be reached");
        assert!(reason.starts_with(&expected), "{reason}");
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for host in ["", "http://agent", "user:secret@agent", "[::1", "a b"] {
            let error = UdpTransport::new("X", host.to_owned(), 6831).unwrap_err();
            assert!(
                error
                    .to_string()
                    .contains("write a name or an address alone"),
                "{error}"
            );
            assert!(!error.to_string().contains("secret"), "{error}");
        }
        let error = UdpTransport::new("X", "agent".to_owned(), 0).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("its port must be between 1 and 65535"),
            "{error}"
        );
        assert_eq!(transport("[::1]", 6831).to_string(), "udp://[::1]:6831");
    }
}
