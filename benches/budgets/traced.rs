//! `#[traced]`: spans that are recorded and thrown away by whoever collects them, and spans that are not sampled.

use tachograph::trace::Sampler;

use crate::functions::{bare, fastrace_root, fastraced, instrumented, integers, traced};
use crate::peers::{sample_opentelemetry, settle_opentelemetry, settle_spans};
use crate::runner::{Contender, Row, Table, calls};

/// Spans of one turn: few enough that nobody's queue is full.
const CALLS: u64 = 20_000;
/// So many children that the span around them does not count.
pub(crate) const CHILDREN: u64 = 1_000;
const _: () = assert!(CALLS.is_multiple_of(CHILDREN));

/// A function that makes so many calls, in traces of [`CHILDREN`] each.
macro_rules! traces {
    ($trace:expr) => {
        |calls| {
            for _ in 0..calls / $crate::traced::CHILDREN {
                $trace;
            }
        }
    };
}
pub(crate) use traces;

pub(crate) fn rows(table: &mut Table) {
    sampled(table);
    Sampler::ALWAYS_OFF.install();
    sample_opentelemetry(false);
    not_sampled(table);
    sample_opentelemetry(true);
    Sampler::default().install();
}

fn sampled(table: &mut Table) {
    table.row(&Row {
        name: "`#[traced]` child span",
        calls: CALLS,
        bare: traces!(bare::parent(CHILDREN)),
        ours: Contender::new("", traces!(traced::parent(CHILDREN))).settled_by(settle_spans),
        peers: &[
            Contender::new(
                "fastrace",
                traces!(fastrace_root(true, || fastraced::parent(CHILDREN))),
            )
            .settled_by(fastrace::flush),
            Contender::new("`#[instrument]`", traces!(instrumented::parent(CHILDREN)))
                .settled_by(settle_opentelemetry),
        ],
        budget: Some(30.0),
        budget_of_all: Some(60.0),
    });
    table.row(&Row {
        name: "`#[traced]` child span with 4 integers",
        calls: CALLS,
        bare: traces!(bare::parent(CHILDREN)),
        ours: Contender::new("", traces!(integers::traced_parent(CHILDREN)))
            .settled_by(settle_spans),
        peers: &[
            Contender::new(
                "fastrace",
                traces!(fastrace_root(true, || integers::fastraced_parent(CHILDREN))),
            )
            .settled_by(fastrace::flush),
            Contender::new(
                "`#[instrument]`",
                traces!(integers::instrumented_parent(CHILDREN)),
            )
            .settled_by(settle_opentelemetry),
        ],
        budget: None,
        budget_of_all: None,
    });
    table.row(&Row {
        name: "`#[traced]` child span, async, one suspension",
        calls: CALLS,
        bare: traces!(bare::suspending_parent(CHILDREN)),
        ours: Contender::new("", traces!(traced::suspending_parent(CHILDREN)))
            .settled_by(settle_spans),
        peers: &[
            Contender::new(
                "fastrace",
                traces!(fastrace_root(true, || fastraced::suspending_parent(
                    CHILDREN
                ))),
            )
            .settled_by(fastrace::flush),
            Contender::new(
                "`#[instrument]`",
                traces!(instrumented::suspending_parent(CHILDREN)),
            )
            .settled_by(settle_opentelemetry),
        ],
        budget: Some(45.0),
        budget_of_all: None,
    });
    table.row(&Row {
        name: "`#[traced]` root span with one child",
        calls: CALLS / 2,
        bare: calls!(_n => bare::parent(1)),
        ours: Contender::new("", calls!(_n => traced::parent(1))).settled_by(settle_spans),
        peers: &[
            Contender::new(
                "fastrace",
                calls!(n => fastrace_root(true, || _ = fastraced::leaf(n))),
            )
            .settled_by(fastrace::flush),
            Contender::new("`#[instrument]`", calls!(_n => instrumented::parent(1)))
                .settled_by(settle_opentelemetry),
        ],
        budget: None,
        budget_of_all: Some(200.0),
    });
}

fn not_sampled(table: &mut Table) {
    table.row(&Row {
        name: "`#[traced]` child span, not sampled",
        calls: CALLS,
        bare: traces!(bare::parent(CHILDREN)),
        ours: Contender::new("", traces!(traced::parent(CHILDREN))),
        peers: &[
            Contender::new(
                "fastrace",
                traces!(fastrace_root(false, || fastraced::parent(CHILDREN))),
            ),
            Contender::new("`#[instrument]`", traces!(instrumented::parent(CHILDREN))),
        ],
        budget: Some(5.0),
        budget_of_all: None,
    });
    table.row(&Row {
        name: "`#[traced]` root span, not sampled",
        calls: CALLS,
        bare: calls!(n => bare::leaf(n)),
        ours: Contender::new("", calls!(n => traced::leaf(n))),
        peers: &[
            Contender::new("fastrace", calls!(_n => fastrace_root(false, || ()))),
            Contender::new("`#[instrument]`", calls!(n => instrumented::leaf(n))),
        ],
        budget: Some(5.0),
        budget_of_all: None,
    });
}
