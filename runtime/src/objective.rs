//! What calls of a function are meant to reach: `#[metered(objective(..))]`.

use std::time::Duration;

/// The service level that a function is held to. Recording does not depend on it: rules for alerts and dashboards do.
///
/// ```
/// use std::time::Duration;
/// use tachograph::metered;
///
/// #[metered(objective(success = 99.9, latency(250ms, 99.0)))]
/// fn checkout() {}
///
/// # checkout();
/// let site = tachograph::sites().into_iter().find(|site| site.function().ends_with("checkout"));
/// let objective = site.unwrap().objective();
/// assert_eq!(objective.success, Some(99.9));
/// assert_eq!(objective.latency.unwrap().threshold, Duration::from_millis(250));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Objective {
    /// How many of all calls shall end as `ok`, in percent.
    pub success: Option<f64>,
    /// How many of all calls shall be fast enough.
    pub latency: Option<LatencyObjective>,
}

/// How many calls shall be fast enough. Those that are have a cell of their own, so the share is exact: it is
/// `function.calls.within_objective` over the count of `function.calls.duration`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct LatencyObjective {
    /// A call that takes longer is too slow.
    pub threshold: Duration,
    /// How many of all calls shall not be, in percent.
    pub percent: f64,
}
