//! Somebody who scrapes.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use super::Seen;

const EVERY: Duration = Duration::from_millis(100);

/// Scrapes until the process ends, or until nobody answers.
pub(super) fn start(address: SocketAddr, see: impl Fn(&dyn Fn(&mut Seen)) + Send + 'static) {
    thread::spawn(move || {
        let mut next = Instant::now();
        while let Ok(took) = scrape(address) {
            see(&|seen| {
                seen.scrapes += 1;
                seen.slowest_scrape = seen.slowest_scrape.max(took);
            });
            next += EVERY;
            thread::sleep(next.saturating_duration_since(Instant::now()));
        }
    });
}

fn scrape(address: SocketAddr) -> io::Result<Duration> {
    let start = Instant::now();
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut page = Vec::new();
    stream.read_to_end(&mut page)?;
    if page.starts_with(b"HTTP/1.1 200") {
        Ok(start.elapsed())
    } else {
        Err(io::Error::other("no page"))
    }
}
