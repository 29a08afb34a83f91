//! Bodies of answers: sent in pieces, so that what a client does not read stays in one place, or made while they are sent.

use std::io::{self, BufWriter, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use axum::body::Body;
use hyper::body::{Body as HttpBody, Bytes, Frame, SizeHint};
use tokio::sync::mpsc;

use super::door::Pass;

/// Bytes in a piece.
const PIECE: usize = 16 << 10;
/// So many pieces of a body that is being made wait to be sent.
const AHEAD: usize = 2;
/// What such a body holds at most: what waits, one that is being made, and one that is being sent.
pub(super) const STREAM_BYTES: u64 = (PIECE * (AHEAD + 2)) as u64;

/// The same body in small pieces, with a pass that is given back at its end.
pub(super) fn in_pieces(body: Body, pass: Pass) -> Body {
    Body::new(InPieces {
        body,
        rest: Bytes::new(),
        _pass: pass,
    })
}

struct InPieces {
    body: Body,
    /// Of a large piece.
    rest: Bytes,
    _pass: Pass,
}

impl HttpBody for InPieces {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.rest.is_empty() {
            let frame = match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                Some(Ok(frame)) => frame,
                end => return Poll::Ready(end),
            };
            match frame.into_data() {
                Ok(data) => self.rest = data,
                Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
            }
        }
        let len = self.rest.len().min(PIECE);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(len)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.body.size_hint();
        let rest = self.rest.len() as u64;
        if let Some(upper) = hint.upper() {
            hint.set_upper(upper + rest);
        }
        hint.set_lower(hint.lower() + rest);
        hint
    }
}

/// A body that `write` makes on a thread for blocking work, no faster than it is sent. If that fails, so does the answer.
pub(super) fn written(
    write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static,
) -> Body {
    let (sender, pieces) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let mut writer = BufWriter::with_capacity(PIECE, Pieces(sender.clone()));
        let written = write(&mut writer).and_then(|()| writer.flush());
        // Without this the client is told that the page is not whole.
        if written.is_ok() {
            let _ = sender.blocking_send(None);
        }
    });
    Body::new(Written(pieces))
}

/// Where the pieces go; `None` is the end.
struct Pieces(mpsc::Sender<Option<Bytes>>);

impl Write for Pieces {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let len = piece.len().min(PIECE);
        let piece = Bytes::copy_from_slice(&piece[..len]);
        let sent = self.0.blocking_send(Some(piece));
        sent.map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Written(mpsc::Receiver<Option<Bytes>>);

impl HttpBody for Written {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Ready(match ready!(self.0.poll_recv(context)) {
            Some(Some(piece)) => Some(Ok(Frame::data(piece))),
            Some(None) => None,
            None => Some(Err("this page failed".into())),
        })
    }
}
