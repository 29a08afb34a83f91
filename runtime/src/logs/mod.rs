//! Log records: what happened, for people to read. Annotated functions make them where `err(level = ..)` asks for it.
//!
//! Nothing here shows or sends a record. Each is given to whoever listens, in the moment in which it is made
//! ([`listener::start_logs`](crate::listener::start_logs)), and waits to be collected if somebody asks for that
//! ([`listener::collect_logs`](crate::listener::collect_logs)).

mod data;
pub(crate) mod listener;
mod record;

pub use data::{LogBatch, LogData};
pub use record::LogRecord;
