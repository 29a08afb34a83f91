//! What a program needs before it starts: its binary, free ports, a folder and a log file.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, io};

/// What one run of a program has for itself.
#[derive(Debug)]
pub(crate) struct Place {
    name: &'static str,
    dir: PathBuf,
    ports: BTreeMap<&'static str, u16>,
}

impl Place {
    /// A new folder, and a free port for each of `ports`.
    ///
    /// # Panics
    ///
    /// If there is no room for the folder, or no port left.
    pub(crate) fn new(name: &'static str, ports: &[&'static str]) -> Self {
        Self {
            name,
            dir: fresh_dir(name),
            ports: ports.iter().map(|port| (*port, free_port())).collect(),
        }
    }

    /// What the program is called.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// The names of the ports and their numbers.
    pub(crate) fn ports(&self) -> &BTreeMap<&'static str, u16> {
        &self.ports
    }

    /// The folder that the program runs in.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where the program listens, or is about to: `port` is one of the names given to
    /// [`new`](Self::new).
    pub(crate) fn address(&self, port: &str) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.ports[port]))
    }

    /// What the program has written to its standard output and error so far.
    pub(crate) fn log(&self) -> String {
        match fs::read(self.log_file()) {
            Ok(log) => String::from_utf8_lossy(&log).into_owned(),
            Err(error) => format!("cannot be read: {error}"),
        }
    }

    /// Where [`log`](Self::log) lies.
    pub(crate) fn log_file(&self) -> PathBuf {
        self.dir.join("log")
    }
}

/// The path of the peer's binary in the cache that `peers/install.sh` fills.
///
/// # Panics
///
/// If it is not there: a test against a real peer never passes without the peer.
pub(crate) fn installed(name: &str) -> PathBuf {
    let binary = cache_dir().join("bin").join(name);
    assert!(
        binary.is_file(),
        "{name} is not installed at {}: run peers/install.sh {name}",
        binary.display()
    );
    binary
}

/// The same order as in `install.sh`; as there, an empty variable counts as none.
fn cache_dir() -> PathBuf {
    let variable = |name| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    variable("TACHOGRAPH_PEERS")
        .or_else(|| Some(variable("XDG_CACHE_HOME")?.join("tachograph-peers")))
        .or_else(|| Some(variable("HOME")?.join(".cache/tachograph-peers")))
        .expect("TACHOGRAPH_PEERS, XDG_CACHE_HOME or HOME says where the peers are")
}

/// A new folder under `target/tmp`.
fn fresh_dir(name: &str) -> PathBuf {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let leaf = format!("{name}-{}-{number}", std::process::id());
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("peers")
        .join(leaf);
    // An earlier run may have had our process id.
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir)
        .unwrap_or_else(|error| panic!("{} cannot be made: {error}", dir.display()));
    dir
}

/// A loopback port that is free for TCP and UDP now, and that no other peer of this test run was given.
fn free_port() -> u16 {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let look = || -> io::Result<u16> {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = tcp.local_addr()?.port();
        UdpSocket::bind((Ipv4Addr::LOCALHOST, port))?;
        Ok(port)
    };
    (0..1000)
        .filter_map(|_| look().ok())
        .find(|port| GIVEN.lock().is_ok_and(|mut given| given.insert(*port)))
        .expect("127.0.0.1 has a free port")
}
