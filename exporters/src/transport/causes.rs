//! What an error says of its causes, for the people who read it.

use std::error::Error;
use std::fmt::Write;
use std::io;
use std::iter::successors;

/// An error with everything that caused it, in one line, and what its reader may have mistaken. Some errors repeat
/// their causes.
pub(super) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    for cause in all(error).skip(1) {
        let said = cause.to_string();
        if !text.ends_with(&said) {
            let _ = write!(text, ": {said}");
        }
    }
    if let Some(hint) = all(error).find_map(hint) {
        let _ = write!(text, "; {hint}");
    }
    text
}

fn all<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    successors(Some(error), |&error| cause(error))
}

/// An I/O error passes over the one that it wraps, because it has the same words.
fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

/// A right host with a wrong port fails in words that only the protocol's authors know.
fn hint(cause: &(dyn Error + 'static)) -> Option<&'static str> {
    if cause.downcast_ref().is_some_and(hyper::Error::is_parse) {
        return Some("its port may be one for gRPC, or for TLS, which wants `https://`");
    }
    #[cfg(feature = "otlp-grpc")]
    if let Some(error) = cause.downcast_ref::<h2::Error>() {
        // `HTTP/1.1 ` read as the head of a frame.
        let is_text = error.is_library() && error.reason() == Some(h2::Reason::FRAME_SIZE_ERROR);
        return is_text
            .then_some("its port may be one for HTTP/1.1: gRPC has another, usually 4317");
    }
    #[cfg(feature = "tls")]
    if let Some(rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType)) =
        cause.downcast_ref()
    {
        return Some("its port may be one without TLS, which wants `http://`");
    }
    None
}
