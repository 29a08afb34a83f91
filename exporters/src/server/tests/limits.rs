//! What clients may take, and that they cannot take more.

use super::*;

#[test]
fn requests_are_bounded() {
    let server = Running::start(Limits::default());
    let long = format!("X-Long: {}", "x".repeat(MAX_HEAD_BYTES));
    assert_eq!(server.request("GET /health", &[&long]).status(), 431);
    let many = vec!["X-Many: 1"; MAX_HEADERS];
    assert_eq!(server.request("GET /health", &many).status(), 431);
    assert_eq!(
        server.request("GET /health\r\nnot a header", &[]).status(),
        400
    );
}

#[test]
fn slow_clients_hold_connections_only_for_a_while() {
    let server = Running::start(Limits {
        request: Duration::from_millis(50),
        ..Limits::default()
    });
    let mut slow = [server.connect(), server.connect()];
    for stream in &mut slow {
        stream.write_all(b"GET /health HTTP/1.1\r\nHost:").unwrap();
    }
    for mut stream in slow {
        assert_eq!(
            stream.read(&mut [0]).unwrap(),
            0,
            "closed without an answer"
        );
    }
}

#[test]
fn whoever_only_waits_keeps_nobody_out() {
    let server = Running::start(Limits {
        connections: 4,
        request: Duration::from_secs(3_600),
        ..Limits::default()
    });
    // One of them asks slowly.
    let mut waiting: Vec<_> = (0..64).map(|_| server.connect()).collect();
    waiting[60]
        .write_all(b"GET /health HTTP/1.1\r\nHost:")
        .unwrap();
    for _ in 0..8 {
        assert_eq!(server.get("/health").status(), 200);
    }
    for stream in &mut waiting[..60] {
        match stream.read(&mut [0]) {
            Ok(read) => assert_eq!(read, 0, "the oldest went"),
            Err(error) => assert_eq!(error.kind(), io::ErrorKind::ConnectionReset),
        }
    }
}

#[test]
fn many_at_once() {
    let server = &Running::start(Limits::default());
    let paths = ["/health", "/debug/functions", "/debug/traces"];
    thread::scope(|scope| {
        let ask = |client: usize| scope.spawn(move || server.get(paths[client % 3]).status());
        let asked: Vec<_> = (0..50).map(ask).collect();
        for (client, asked) in asked.into_iter().enumerate() {
            let status = asked.join().unwrap();
            // Of the debug pages a few are answered at once.
            assert!(
                status == 200 || (client % 3 > 0 && status == 503),
                "{status}"
            );
        }
    });
}

#[test]
fn connections_are_kept_and_end_with_the_server() {
    let mut server = Running::start(Limits::default());
    let mut kept = server.connect();
    let fresh = server.connect();
    for _ in 0..2 {
        write!(kept, "HEAD /health HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            kept.read_exact(&mut byte).unwrap();
            answer.extend(byte);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200"));
    }
    server.stop.take();
    server.thread.take().unwrap().join().unwrap();
    for mut stream in [kept, fresh] {
        assert!(matches!(stream.read(&mut [0]), Ok(0) | Err(_)));
    }
    assert!(TcpStream::connect(server.address).is_err());
}

#[test]
fn a_connection_does_not_live_for_ever() {
    let server = Running::start(Limits {
        request: Duration::from_millis(50),
        ..Limits::default()
    });
    let mut idle = server.connect();
    assert_eq!(idle.read(&mut [0]).unwrap(), 0);
}
