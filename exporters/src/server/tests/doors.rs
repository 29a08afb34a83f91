//! Which door is open where, and that whoever crowds one does not keep others from the next.

use tachograph::trace::Span;

use tokio::time::Instant;

use super::*;

/// A trace of more megabytes than sockets hold.
fn fill(server: &Running) {
    server.recorder.in_scope(|| {
        let mut root = Span::start("root");
        root.in_scope(|| {
            for _ in 0..250 {
                let large = "x".repeat(60_000);
                Span::builder("large")
                    .with_attribute("large", large)
                    .start()
                    .end();
            }
        });
        root.end();
    });
    server.store.add(&Arc::new(server.recorder.spans()));
}

/// Asks for a debug page until the door has room for one more answer.
fn wait_for_room(server: &Running) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while server.get("/debug/functions").status() == 503 {
        assert!(Instant::now() < deadline, "the door stays full");
    }
}

/// Asks for all traces, and reads nothing.
fn ask_for_traces(server: &Running) -> TcpStream {
    let mut stream = server.connect();
    let request = "GET /debug/traces HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    // From its first byte on the answer is under way.
    stream.peek(&mut [0]).unwrap();
    stream
}

#[test]
fn a_crowd_at_one_door_keeps_nobody_from_the_next() {
    let server = Running::start_with(
        Door::Debug,
        DoorLimits {
            answers: 2,
            ..Door::Debug.limits()
        },
    );
    fill(&server);
    let slow = [ask_for_traces(&server), ask_for_traces(&server)];
    let refused = server.get("/debug/functions");
    assert_eq!(
        (refused.status(), refused.header("retry-after")),
        (503, Some("1"))
    );
    assert_eq!(server.get("/health").status(), 200);

    // Whoever reads on gets all of it, and then there is room again.
    for stream in slow {
        let page = Answer::read(stream).json();
        assert_eq!(page["traces"][0]["spans"].as_array().unwrap().len(), 251);
    }
    wait_for_room(&server);
}

#[test]
fn who_does_not_read_is_let_go() {
    let server = Running::start_with(
        Door::Debug,
        DoorLimits {
            answers: 1,
            time: Duration::from_millis(200),
            ..Door::Debug.limits()
        },
    );
    fill(&server);
    let mut slow = ask_for_traces(&server);
    wait_for_room(&server);
    let mut answer = Vec::new();
    let _ = slow.read_to_end(&mut answer);
    assert!(!answer.ends_with(b"0\r\n\r\n"), "it was cut");
}

#[test]
fn answers_wait_within_a_bound() {
    let server = Running::start_with(
        Door::Debug,
        DoorLimits {
            bytes: 1,
            ..Door::Debug.limits()
        },
    );
    fill(&server);
    let slow = ask_for_traces(&server);
    assert_eq!(server.get("/debug/functions").status(), 503);
    drop(slow);
    wait_for_room(&server);
}

/// A server with this code, on all addresses of the machine.
fn on_all_addresses(code: &DoorsCode) -> (Running, Addresses, String) {
    let at = ServerAddress {
        option: ".serve(..)",
        address: "0.0.0.0:0".to_owned(),
        is_default: false,
    };
    let (server, addresses) = Server::bind(Some(at), code, |report| panic!("{report}")).unwrap();
    let server = server.unwrap();
    let said = server.to_string();
    let mut running = Running::serve(server);
    running.address = (
        std::net::Ipv4Addr::LOCALHOST,
        addresses.shared.unwrap().port(),
    )
        .into();
    (running, addresses, said)
}

#[test]
fn debug_pages_are_closed_where_others_may_come() {
    let closed = |server: &Running| {
        let page = server.get("/debug/traces");
        assert_eq!((page.status(), server.get("/ready").status()), (404, 503));
        assert!(
            page.text().starts_with("the debug pages are closed here; "),
            "{}",
            page.text()
        );
        assert!(!server.get("/").text().contains("/debug/"));
    };
    let (server, addresses, said) = on_all_addresses(&DoorsCode::default());
    closed(&server);
    assert_eq!(addresses.of(Door::Debug), None);
    assert!(
        said.contains("; the debug pages are closed: `.debug_pages(true)` opens them"),
        "{said}"
    );

    let code = DoorsCode {
        own: vec![(Door::Debug, "127.0.0.1:0".to_owned())],
        ..DoorsCode::default()
    };
    let (mut server, addresses, said) = on_all_addresses(&code);
    closed(&server);
    server.address = addresses.of(Door::Debug).unwrap();
    assert_eq!(server.get("/debug/traces").status(), 200);
    assert_eq!(server.get("/health").status(), 404);
    assert!(
        said.contains(&format!(" on {} for the debug pages", server.address)),
        "{said}"
    );

    let code = DoorsCode {
        debug_pages: Some(true),
        ..DoorsCode::default()
    };
    let (server, ..) = on_all_addresses(&code);
    assert_eq!(server.get("/debug/traces").status(), 200);
}

#[test]
fn on_loopback_debug_pages_take_local_names_alone() {
    let server = Running::start(Limits::default());
    let ask = |path: &str, host: &str| {
        let mut stream = server.connect();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        Answer::read(stream).status()
    };
    for path in ["/debug/traces", "/debug/functions"] {
        assert_eq!(ask(path, "evil.example"), 421);
        assert_eq!(ask(path, "127.0.0.1:9090"), 200);
    }
    assert_eq!(ask("/health", "checkout.internal"), 200);
    assert_eq!(ask("/ready", "checkout.internal"), 503);
}

#[cfg(feature = "prometheus")]
#[test]
fn a_scrape_is_made_once_for_all_who_ask_meanwhile() {
    use std::sync::mpsc;

    const CLIENTS: usize = 9;
    let limits = DoorLimits {
        answers: CLIENTS,
        ..Door::Scrape.limits()
    };
    let server = &Running::start_with(Door::Scrape, limits);
    let (looks, looked) = mpsc::channel();
    let (go_on, waits) = mpsc::channel::<()>();
    let gauge = server.recorder.registry().observable_gauge("looks");
    let callback = gauge.build(move |_| {
        looks.send(()).unwrap();
        let _ = waits.recv();
    });
    let _callback = callback.unwrap();
    thread::scope(|scope| {
        let (sender, statuses) = mpsc::channel();
        let ask = || {
            let sender = sender.clone();
            scope.spawn(move || sender.send(server.get("/metrics").status()).unwrap());
        };
        ask();
        looked.recv().unwrap();
        // While the first look takes its time all the others come, and one too many.
        (0..CLIENTS).for_each(|_| ask());
        assert_eq!(statuses.recv().unwrap(), 503);
        drop(go_on);
        for _ in 0..CLIENTS {
            assert_eq!(statuses.recv().unwrap(), 200);
        }
    });
    assert_eq!(
        looked.try_iter().count(),
        1,
        "one for the first, one for all others"
    );
}
