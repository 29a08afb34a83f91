//! Libraries of instruments that a function can be measured with by hand; each with the same instruments.

pub(crate) mod measured;
pub(crate) mod prometheus;
pub(crate) mod prometheus_client;

/// Twelve buckets, with the one up to infinity.
pub(crate) const BOUNDS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
/// Those of a function's durations.
pub(crate) const DURATIONS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// What a library does with many series, which have three labels.
pub(crate) struct Library {
    pub(crate) name: &'static str,
    /// Counts once in the series of this route.
    pub(crate) count: fn(&str),
    /// Records once in the histogram of this route.
    pub(crate) time: fn(&str),
    /// The length of a page with all of them.
    pub(crate) page: fn() -> usize,
}

pub(crate) const LIBRARIES: [Library; 3] = [
    prometheus_client::LIBRARY,
    measured::LIBRARY,
    prometheus::LIBRARY,
];

/// How a function is measured with instruments: `ok`, `error`, `duration` and `in_flight` are what a library has for it.
macro_rules! measured_by_hand {
    ($n:expr, $in_flight:expr, $duration:expr, $ok:expr, $error:expr) => {{
        $in_flight.inc();
        let start = std::time::Instant::now();
        let result = Ok(std::hint::black_box($n));
        $duration.observe(start.elapsed().as_secs_f64());
        $in_flight.dec();
        match result {
            Ok(_) => $ok.inc(),
            Err($crate::metered::Failure) => $error.inc(),
        };
        result
    }};
}
pub(crate) use measured_by_hand;
