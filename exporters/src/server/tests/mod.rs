//! Requests over real sockets: doors, limits, lifetimes, methods.

mod doors;
mod limits;
mod pages;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread::{self, JoinHandle};

use tachograph::testing::Recorder;
use tokio::sync::oneshot;

use super::connection::{MAX_HEAD_BYTES, MAX_HEADERS};
use super::door::DoorLimits;
use super::*;

/// A server on a thread of its own, which ends with it.
struct Running {
    address: SocketAddr,
    recorder: Recorder,
    store: Arc<TraceStore>,
    phase: watch::Sender<Phase>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    fn start(limits: Limits) -> Self {
        let (mut server, _) = bind("127.0.0.1:0").unwrap();
        server.limits = limits;
        Self::serve(server)
    }

    /// The same with other limits of one door.
    fn start_with(door: Door, limits: DoorLimits) -> Self {
        let (mut server, _) = bind("127.0.0.1:0").unwrap();
        let mut doors = server.listeners[0].doors.iter_mut();
        doors.find(|opened| opened.door == door).unwrap().limits = limits;
        Self::serve(server)
    }

    fn serve(server: Server) -> Self {
        let address = server.listeners[0].address;
        let recorder = Recorder::new();
        let store = TraceStore::new(3);
        let (phase, phases) = watch::channel(Phase::Starting);
        let state = State {
            registry: recorder.registry().clone(),
            resource: Resource::new("shop"),
            store: Some(Arc::clone(&store)),
            phase: phases,
            collect: Arc::new(|| {}),
            // Fails the page or the thread, and so the test.
            report: Arc::new(|report| panic!("{report}")),
        };
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(server.serve(state, async {
                let _ = stopped.await;
            }));
        });
        Self {
            address,
            recorder,
            store,
            phase,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        stream
    }

    /// Sends a request with these headers and reads the answer.
    fn request(&self, start: &str, headers: &[&str]) -> Answer {
        let mut stream = self.connect();
        let start = format!("{start} HTTP/1.1\r\nHost: localhost\r\nConnection: close");
        let request = [&[&*start], headers].concat().join("\r\n");
        write!(stream, "{request}\r\n\r\n").unwrap();
        Answer::read(stream)
    }

    fn get(&self, path: &str) -> Answer {
        self.request(&format!("GET {path}"), &[])
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

struct Answer {
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn read(mut stream: TcpStream) -> Self {
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
        let mut body = answer.split_off(end.expect("the answer has a head") + 4);
        let head = String::from_utf8(answer).unwrap().to_ascii_lowercase();
        if head.contains("\r\ntransfer-encoding: chunked\r\n") && !body.is_empty() {
            body = joined(&body).expect("the body is whole");
        }
        Self { head, body }
    }

    fn status(&self) -> u16 {
        self.head[9..12].parse().unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines();
        lines
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn json(&self) -> serde_json::Value {
        assert_eq!(self.header("content-type"), Some("application/json"));
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A body that was sent in chunks (RFC 9112, section 7.1); `None` if its end is missing.
fn joined(mut chunks: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = chunks.windows(2).position(|bytes| bytes == b"\r\n")?;
        let (len, rest) = chunks.split_at(end);
        let len = usize::from_str_radix(std::str::from_utf8(len).ok()?, 16).ok()?;
        let (chunk, rest) = rest.get(2..)?.split_at_checked(len)?;
        chunks = rest.strip_prefix(b"\r\n")?;
        if len == 0 {
            return Some(body);
        }
        body.extend(chunk);
    }
}

#[test]
fn health_and_readiness() {
    let server = Running::start(Limits::default());
    let state = |server: &Running| {
        let (health, ready) = (server.get("/health"), server.get("/ready"));
        assert_eq!(health.header("cache-control"), Some("no-store"));
        (health.status(), ready.status(), ready.text().to_owned())
    };
    assert_eq!(state(&server), (200, 503, "starting\n".to_owned()));
    server.phase.send_replace(Phase::Ready);
    assert_eq!(state(&server), (200, 200, "ready\n".to_owned()));
    server.phase.send_replace(Phase::ShuttingDown);
    assert_eq!(state(&server), (200, 503, "shutting down\n".to_owned()));
}

#[test]
fn what_is_not_there_and_what_is_not_allowed() {
    let server = Running::start(Limits::default());
    let index = server.get("/");
    assert_eq!(index.status(), 200);
    assert!(
        index.text().starts_with("Telemetry of shop\n"),
        "{}",
        index.text()
    );

    let missing = server.get("/metric?x=1");
    assert_eq!(
        (missing.status(), missing.text()),
        (404, "there is no page `/metric`; `/` lists all\n")
    );

    for path in [
        "/",
        "/health",
        "/ready",
        "/debug/traces",
        "/debug/functions",
    ] {
        let head = server.request(&format!("HEAD {path}"), &[]);
        let get = server.get(path);
        assert_eq!((head.status(), head.text()), (get.status(), ""));
        if !path.starts_with("/debug/") {
            assert_eq!(head.header("content-length"), get.header("content-length"));
            assert_eq!(
                get.header("content-length"),
                Some(&*get.body.len().to_string())
            );
        }

        for body in [&["Content-Length: 0"][..], &["Content-Length: 5"]] {
            let post = server.request(&format!("POST {path}"), body);
            assert_eq!(
                (post.status(), post.header("allow")),
                (405, Some("get,head"))
            );
            assert_eq!(
                post.text(),
                "`POST` is not allowed here; use `GET` or `HEAD`\n"
            );
        }
        for body in ["Content-Length: 5", "Transfer-Encoding: chunked"] {
            assert_eq!(
                server.request(&format!("GET {path}"), &[body]).status(),
                413
            );
        }
    }
}

fn bind(address: &str) -> Result<(Server, Addresses), BuildError> {
    let at = ServerAddress {
        option: ".serve(..)",
        address: address.to_owned(),
        is_default: false,
    };
    let report = |report| panic!("{report}");
    let (server, addresses) = Server::bind(Some(at), &DoorsCode::default(), report)?;
    Ok((server.expect("nobody else is there"), addresses))
}

#[test]
fn an_address_in_use_is_named_with_who_has_it() {
    let (server, addresses) = bind("127.0.0.1:0").unwrap();
    let address = addresses.shared.unwrap().to_string();
    let error = bind(&address).unwrap_err();
    assert!(matches!(&error, BuildError::AddressInUse { address: named, .. } if *named == address));
    let by = if cfg!(target_os = "linux") {
        " by this process"
    } else {
        ""
    };
    assert_eq!(
        error.to_string(),
        format!(
            ".serve(..): the telemetry server cannot listen on {address}, which is in use{by}; choose another port, or 0 for \
             any"
        )
    );
    drop(server);
    let error = bind("no port").unwrap_err();
    assert!(matches!(&error, BuildError::Listen { address, .. } if address == "***"));
    let message = error.to_string();
    let expected = ".serve(..): the telemetry server cannot listen on `***`; ";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn a_default_address_in_use_is_told_and_left_out() {
    let (_server, addresses) = bind("127.0.0.1:0").unwrap();
    let address = addresses.shared.unwrap();
    let at = ServerAddress {
        option: ".serve(..)",
        address: address.to_string(),
        is_default: true,
    };
    let mut code = DoorsCode::default();
    let told = std::cell::RefCell::new(Vec::new());
    let bind = |code: &DoorsCode| {
        let report = |report| told.borrow_mut().push(report);
        Server::bind(Some(at.clone()), code, report).unwrap()
    };
    let (server, addresses) = bind(&code);
    assert!(server.is_none() && addresses.shared.is_none());
    let [message] = &told.take()[..] else {
        panic!("told once")
    };
    let expected = format!(
        "there is no telemetry server: .serve(..): the telemetry server cannot listen on {address}, "
    );
    assert!(message.starts_with(&expected), "{message}");

    // What has an address of its own is there.
    code.own.push((Door::Debug, "127.0.0.1:0".to_owned()));
    let (server, addresses) = bind(&code);
    assert!(server.unwrap().shows_spans());
    assert!(addresses.shared.is_none() && addresses.of(Door::Debug).is_some());
}
