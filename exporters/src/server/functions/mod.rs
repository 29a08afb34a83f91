//! `/debug/functions`: every annotated function with its live figures.

mod figures;

use axum::extract::State as Extract;
use axum::response::Response;
use serde::Serialize;
use tachograph::{Objective, Site, sites};

use super::{State, json};
use figures::{AllFigures, Figures};

#[derive(Serialize)]
struct PageJson<F: Serialize> {
    functions: F,
}

#[derive(Serialize)]
struct FunctionJson<'a> {
    function: &'a str,
    module: &'a str,
    path: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    doc: &'a str,
    file: &'a str,
    line: u32,
    metered: bool,
    traced: bool,
    /// What its spans are called.
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    objective: Option<ObjectiveJson>,
    #[serde(flatten)]
    figures: Option<Figures>,
}

/// What its calls shall reach.
#[derive(Serialize)]
struct ObjectiveJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    success_percent: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_percent: Option<f64>,
}

impl ObjectiveJson {
    fn of(site: &Site) -> Option<Self> {
        let Objective {
            success, latency, ..
        } = site.objective();
        (success.is_some() || latency.is_some()).then(|| Self {
            success_percent: success,
            latency_seconds: latency.map(|latency| latency.threshold.as_secs_f64()),
            latency_percent: latency.map(|latency| latency.percent),
        })
    }
}

pub(super) async fn page(Extract(state): Extract<State>) -> Response {
    json::answer(move |writer| {
        let snapshot = state.registry.snapshot();
        let figures = AllFigures::read(&snapshot);
        let function = |site: &&'static Site| FunctionJson::new(site, &figures);
        writer.write(&PageJson {
            functions: json::List(sites().iter().map(function)),
        })
    })
}

impl FunctionJson<'_> {
    fn new(site: &'static Site, figures: &AllFigures<'_>) -> Self {
        Self {
            function: site.function(),
            module: site.module(),
            path: site.path(),
            doc: site.doc_comment(),
            file: site.location().file(),
            line: site.location().line(),
            metered: site.is_metered(),
            traced: site.is_traced(),
            objective: ObjectiveJson::of(site),
            span: site.is_traced().then(|| site.span_name_or_path()),
            figures: site.is_metered().then(|| figures.of(site)),
        }
    }
}
