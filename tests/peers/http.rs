//! The little HTTP that talking to peers takes.

use std::sync::LazyLock;
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;

static AGENT: LazyLock<Agent> = LazyLock::new(|| {
    Agent::config_builder()
        // An error page says more than its status.
        .http_status_as_error(false)
        // Peers are on loopback, whatever `HTTP_PROXY` says.
        .proxy(None)
        .timeout_global(Some(Duration::from_secs(10)))
        .build()
        .into()
});

/// The body of a page.
///
/// # Errors
///
/// If nobody answers, or with another status than 2xx.
pub(crate) fn get(url: &str, query: &[(&str, &str)], accept: &str) -> Result<String, String> {
    let request = AGENT.get(url).query_pairs(query.iter().copied());
    let answer = request
        .header("accept", accept)
        .call()
        .and_then(|mut response| {
            let status = response.status();
            // The default limit of 10 MB is for strangers.
            let body = response.body_mut().with_config().limit(u64::MAX);
            Ok((status, body.read_to_string()?))
        });
    match answer {
        Ok((status, body)) if status.is_success() => Ok(body),
        Ok((status, body)) => Err(format!("GET {url}: {status}: {body}")),
        Err(error) => Err(format!("GET {url}: {error}")),
    }
}

/// The JSON that a query API answers with.
///
/// # Panics
///
/// Where [`get`] fails, or if the answer is not JSON: a peer that was ready does neither.
pub(crate) fn get_json(url: &str, query: &[(&str, &str)]) -> Value {
    let body = get(url, query, "application/json").unwrap_or_else(|error| panic!("{error}"));
    serde_json::from_str(&body).unwrap_or_else(|error| panic!("GET {url}: {error} in {body}"))
}
