//! `#[metered]`: what may be written ([`parse`]), what it means ([`model`], [`labels`]), what it becomes ([`expand`]).
//! The function around it is shared with `#[traced]`: see `probe`.

mod expand;
mod labels;
mod model;
mod objective;
mod parse;
mod values;

pub(crate) use expand::{before, end, site, start};
pub(crate) use labels::check as check_label;
pub(crate) use model::Metered;
pub(crate) use parse::{Args, KNOWN_ELSEWHERE, OPTIONS};
