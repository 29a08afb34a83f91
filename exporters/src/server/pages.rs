//! Which page is where, and the short ones.

use axum::Router;
use axum::extract::State as Extract;
use axum::middleware;
use axum::response::Response;
use http::header::{CACHE_CONTROL, HeaderValue};
use http::{StatusCode, Uri};
use tachograph::{Resource, semconv};

use super::answer::page;
use super::door::{self, Door, Doorkeeper};
use super::listeners::Opened;
use super::{Phase, State, functions, host, traces};

/// Answers every request to one listener, which has these doors.
pub(super) fn router(state: &State, doors: &[Opened]) -> Router {
    let mut router = Router::new();
    for opened in doors {
        let keeper = Doorkeeper::new(opened.limits);
        let admit = middleware::from_fn_with_state(keeper, door::admit);
        let mut pages = pages(opened.door, state).layer(admit);
        if opened.only_local_names {
            pages = pages.layer(middleware::from_fn(host::check));
        }
        router = router.merge(pages);
    }
    let doors: Vec<_> = doors.iter().map(|opened| opened.door).collect();
    let index = index(&state.resource, &doors);
    let index = page(async move || index);
    router
        .route("/", index)
        .fallback(async move |uri: Uri| not_found(&uri, doors.contains(&Door::Debug)))
        .layer(middleware::map_response(no_store))
        .with_state(state.clone())
}

#[cfg_attr(
    not(feature = "prometheus"),
    allow(unused, reason = "scrapes alone have a state of their own")
)]
fn pages(door: Door, state: &State) -> Router<State> {
    match door {
        Door::Probes => Router::new()
            .route("/health", page(health))
            .route("/ready", page(ready)),
        #[cfg(feature = "prometheus")]
        Door::Scrape => Router::new().route("/metrics", super::metrics::route(state)),
        Door::Debug => Router::new()
            .route("/debug/functions", page(functions::page))
            .route("/debug/traces", page(traces::page)),
    }
}

fn index(resource: &Resource, doors: &[Door]) -> String {
    let service = resource.get(semconv::SERVICE_NAME);
    let service = service.map_or("this process".to_owned(), ToString::to_string);
    let mut index = format!("Telemetry of {service}\n\n");
    for door in doors {
        index.push_str(match door {
            #[cfg(feature = "prometheus")]
            Door::Scrape => "/metrics          all metrics, for Prometheus\n",
            Door::Probes => {
                "/health           200 while the process lives\n\
                 /ready            200 unless it is starting or shutting down\n"
            }
            Door::Debug => {
                "/debug/traces     the last traces (?limit=10, ?trace_id=..)\n\
                 /debug/functions  every annotated function with its figures\n"
            }
        });
    }
    index
}

async fn health() -> &'static str {
    "ok\n"
}

async fn ready(Extract(state): Extract<State>) -> (StatusCode, &'static str) {
    match *state.phase.borrow() {
        Phase::Starting => (StatusCode::SERVICE_UNAVAILABLE, "starting\n"),
        Phase::Ready => (StatusCode::OK, "ready\n"),
        Phase::ShuttingDown => (StatusCode::SERVICE_UNAVAILABLE, "shutting down\n"),
    }
}

fn not_found(uri: &Uri, has_debug: bool) -> (StatusCode, String) {
    let path = uri.path();
    let message = if path.starts_with("/debug/") && !has_debug {
        "the debug pages are closed here; `.debug_pages(true)` opens them, and `.serve_door(Door::Debug, ..)` gives them an \
         address of their own\n"
            .to_owned()
    } else {
        format!("there is no page `{path}`; `/` lists all\n")
    };
    (StatusCode::NOT_FOUND, message)
}

async fn no_store(mut response: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}
