//! Against sockets on loopback.

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
    let arrived = tokio::time::timeout(Duration::from_secs(10), receiver.recv_from(&mut datagram));
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
