//! Which names a page may be asked for by.
//!
//! A web page can let its own name point to 127.0.0.1 and then read what listens there, in the browser of whoever looks at
//! it ("DNS rebinding"). Such requests carry the page's name as `Host`.

use std::net::IpAddr;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::HOST;
use http::uri::Authority;

/// Answers only who asks for `localhost` or a literal address.
pub(super) async fn check(request: Request, next: Next) -> Response {
    if is_local(&request) {
        return next.run(request).await;
    }
    let message = "this page is for those who ask for `localhost` or a literal address\n";
    (StatusCode::MISDIRECTED_REQUEST, message).into_response()
}

/// Whether all that the request says of where it goes is local; it must say something.
fn is_local<B>(request: &http::Request<B>) -> bool {
    let in_header = request.headers().get_all(HOST).iter();
    let in_header = in_header.map(|host| host.as_bytes().try_into().ok());
    let in_line = request.uri().authority().cloned().map(Some);
    let mut hosts = in_header.chain(in_line).peekable();
    hosts.peek().is_some() && hosts.all(|host| host.as_ref().is_some_and(is_literal))
}

fn is_literal(authority: &Authority) -> bool {
    let host = authority.host();
    let address = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    host.eq_ignore_ascii_case("localhost") || address.unwrap_or(host).parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_local_names_are_taken() {
        let check = |uri: &str, hosts: &[&str], expected| {
            let request = http::Request::get(uri);
            let request = hosts
                .iter()
                .fold(request, |request, host| request.header(HOST, *host));
            assert_eq!(
                is_local(&request.body(()).unwrap()),
                expected,
                "{uri} {hosts:?}"
            );
        };
        for host in [
            "localhost",
            "LOCALHOST:9090",
            "127.0.0.1",
            "127.0.0.1:1",
            "[::1]:9090",
            "10.0.0.7",
        ] {
            check("/", &[host], true);
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:9090",
            "a b",
            "[::1",
        ] {
            check("/", &[host], false);
        }
        check("/", &[], false);
        check("/", &["localhost", "evil.example"], false);
        check("http://evil.example/", &["localhost"], false);
        check("http://localhost/", &[], true);
    }
}
