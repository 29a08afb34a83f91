//! `#[traced]`: what may be written ([`parse`]), what it means ([`model`]), what it becomes ([`expand`]).
//! The function around it is shared with `#[metered]`: see `probe`.

mod errors;
mod expand;
mod fields;
mod model;
mod parse;
mod secrets;
mod values;

pub(crate) use expand::{end, open, site, start};
pub(crate) use model::Traced;
pub(crate) use parse::{Args, KNOWN_ELSEWHERE, OPTIONS};
