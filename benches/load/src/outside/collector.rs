//! A collector that takes all spans over OTLP/HTTP, counts them and keeps none.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;

use super::Seen;

/// Listens on any free port of the loopback address, until the process ends.
pub(super) fn start(
    see: impl Fn(&dyn Fn(&mut Seen)) + Copy + Send + 'static,
) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            // A connection that breaks is the other side's loss.
            thread::spawn(move || _ = serve(&connection, see));
        }
    });
    Ok(address)
}

fn serve(connection: &TcpStream, see: impl Fn(&dyn Fn(&mut Seen))) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut reader = BufReader::new(connection);
    let mut body = Vec::new();
    while let Some(request) = Request::read(&mut reader)? {
        body.resize(request.length, 0);
        reader.read_exact(&mut body)?;
        if request.has_spans {
            let spans = spans(&body);
            see(&|seen| {
                seen.requests += 1;
                seen.spans += spans;
            });
        }
        let mut connection = connection;
        connection.write_all(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n",
        )?;
    }
    Ok(())
}

/// The head of a request.
struct Request {
    has_spans: bool,
    length: usize,
}

impl Request {
    /// None when there is no further one.
    fn read(reader: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut request = Self {
            has_spans: line.starts_with("POST /v1/traces "),
            length: 0,
        };
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            let header = line.trim_end().to_ascii_lowercase();
            if header.is_empty() {
                return Ok(Some(request));
            }
            if let Some(length) = header.strip_prefix("content-length:") {
                request.length = length.trim().parse().map_err(io::Error::other)?;
            }
        }
    }
}

/// How many spans are in a request: `resource_spans` are its field 1, `scope_spans` theirs 2, and `spans` theirs 2.
fn spans(request: &[u8]) -> u64 {
    let mut spans = 0;
    for resource_spans in messages(request, 1) {
        for scope_spans in messages(resource_spans, 2) {
            spans += messages(scope_spans, 2).count() as u64;
        }
    }
    spans
}

/// The messages in this field of a message, up to the first thing that is not protobuf.
fn messages(mut message: &[u8], field: u64) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        loop {
            let tag = varint(&mut message)?;
            let length = match tag & 7 {
                0 => {
                    varint(&mut message)?;
                    continue;
                }
                1 => 8,
                2 => usize::try_from(varint(&mut message)?).ok()?,
                5 => 4,
                _ => return None,
            };
            let (content, rest) = message.split_at_checked(length)?;
            message = rest;
            if tag == field << 3 | 2 {
                return Some(content);
            }
        }
    })
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::spans;

    #[test]
    fn spans_are_counted_among_other_fields() {
        // A resource, then a scope and two spans, the first of which has a fixed64 in it; then a scope with one span.
        let scope_spans = [
            &[0x0a, 1, 0][..],
            &[0x12, 9, 0x39, 0, 0, 0, 0, 0, 0, 0, 0],
            &[0x12, 0],
        ]
        .concat();
        let length = u8::try_from(scope_spans.len()).unwrap();
        let resource_spans = [
            &[0x0a, 0, 0x12, length][..],
            &scope_spans,
            &[0x12, 2, 0x12, 0],
        ]
        .concat();
        let length = u8::try_from(resource_spans.len()).unwrap();
        let request = [&[0x0a, length][..], &resource_spans].concat();
        assert_eq!(spans(&request), 3);
        assert_eq!(spans(&[]), 0);
        assert_eq!(spans(&request[..5]), 0);
    }
}
