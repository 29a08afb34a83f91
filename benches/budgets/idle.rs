//! Attributes are there, and nobody listens.

use std::pin::pin;

use crate::functions::{bare, both, fastraced, finish, instrumented};
use crate::runner::{Contender, Row, Table, calls};

const CALLS: u64 = 300_000;

pub(crate) fn rows(table: &mut Table) {
    table.row(&Row {
        name: "nothing listens",
        calls: CALLS,
        bare: calls!(n => bare::leaf(n)),
        ours: Contender::new("", calls!(n => both::leaf(n))),
        peers: &[
            Contender::new("`#[instrument]`", calls!(n => instrumented::leaf(n))),
            Contender::new("fastrace", calls!(n => fastraced::leaf(n))),
        ],
        budget: Some(1.5),
        budget_of_all: None,
    });
    table.row(&Row {
        name: "nothing listens, async, one suspension",
        calls: CALLS,
        bare: calls!(n => finish(pin!(bare::suspending_leaf(n)))),
        ours: Contender::new("", calls!(n => finish(pin!(both::suspending_leaf(n))))),
        peers: &[
            Contender::new(
                "`#[instrument]`",
                calls!(n => finish(pin!(instrumented::suspending_leaf(n)))),
            ),
            Contender::new(
                "fastrace",
                calls!(n => finish(pin!(fastraced::suspending_leaf(n)))),
            ),
        ],
        budget: Some(4.0),
        budget_of_all: None,
    });
}
