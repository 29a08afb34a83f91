//! An address where nobody listens, and nobody else begins to.

use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpSocket;

/// Holds a port of this machine that refuses all connections until this is dropped.
#[derive(Debug)]
pub struct Nowhere {
    socket: TcpSocket,
}

impl Nowhere {
    /// A port that was free until now.
    ///
    /// # Panics
    ///
    /// If the machine has no free port.
    #[must_use]
    pub fn new() -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket
            .bind((Ipv4Addr::LOCALHOST, 0).into())
            .expect("a free port");
        Self { socket }
    }

    /// Where it is: `127.0.0.1:4321`.
    ///
    /// # Panics
    ///
    /// Never: the socket is bound.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.socket.local_addr().expect("it is bound")
    }
}

impl Default for Nowhere {
    fn default() -> Self {
        Self::new()
    }
}
