//! Whether a backend takes requests now, as all lanes to it know.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// How long a backend that cannot be reached is left alone: each time about twice as long, up to a bound, and up to
/// twice as long again by chance.
const PAUSES: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_secs(2))
    .with_max_delay(Duration::from_secs(15))
    .without_max_times()
    .with_jitter();

/// A backend that asks for more is asked again after so long: its clock, or that of a proxy, may be wrong.
const LONGEST: Duration = Duration::from_secs(2 * 60);
/// A backend that asks for less would be asked without end.
const SHORTEST: Duration = Duration::from_millis(250);

/// The circuits to all backends, by exporter and server: what one exporter may send is nothing to others.
#[derive(Default)]
pub(crate) struct Circuits {
    known: Mutex<Vec<Known>>,
}

struct Known {
    exporter: Arc<str>,
    server: Option<String>,
    circuit: Arc<Circuit>,
}

/// What stands between lanes and one backend: closed while requests flow, open while none are sent. The first request
/// after that is a probe, and the others wait for what becomes of it.
#[derive(Default)]
pub(crate) struct Circuit {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    open_until: Option<Instant>,
    is_probed: bool,
    pauses: Option<ExponentialBackoff>,
    /// When everything ends.
    end: Option<Instant>,
}

/// Why no request may be sent in the time that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Closed {
    /// The data is too old before.
    TooLong,
    /// A shutdown is over before.
    ForGood,
}

/// The right to send one request. Dropped without a word, it tells nothing of the backend.
pub(super) struct Admission<'a> {
    circuit: &'a Circuit,
    is_probe: bool,
}

impl Circuits {
    /// The circuit of this exporter to this server; a new one if the transport names none.
    pub(super) fn to(&self, exporter: &Arc<str>, server: Option<String>) -> Arc<Circuit> {
        let mut known = self.known();
        let is_it =
            |it: &&Known| server.is_some() && (&it.exporter, &it.server) == (exporter, &server);
        if let Some(it) = known.iter().find(is_it) {
            return Arc::clone(&it.circuit);
        }
        let circuit = Arc::<Circuit>::default();
        known.push(Known {
            exporter: Arc::clone(exporter),
            server,
            circuit: Arc::clone(&circuit),
        });
        circuit
    }

    /// Everything ends then: who would wait for longer does not begin to.
    pub(crate) fn end_at(&self, end: Instant) {
        for Known { circuit, .. } in &*self.known() {
            circuit.state().end = Some(end);
            circuit.changed.notify_waiters();
        }
    }

    fn known(&self) -> MutexGuard<'_, Vec<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Circuit {
    /// Waits until a request may be sent.
    pub(super) async fn admit(&self, expires: Instant) -> Result<Admission<'_>, Closed> {
        loop {
            let changed = self.changed.notified();
            let until = match self.state().ask(expires)? {
                Answer::Go { is_probe } => {
                    return Ok(Admission {
                        circuit: self,
                        is_probe,
                    });
                }
                Answer::Wait { until } => until,
            };
            tokio::select! {
                () = sleep_until(until) => {}
                () = changed => {}
            }
        }
    }

    /// Whether the backend wants no requests now.
    pub(super) fn is_open(&self) -> bool {
        self.state().is_open()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Answer {
    Go { is_probe: bool },
    Wait { until: Instant },
}

impl State {
    fn ask(&mut self, expires: Instant) -> Result<Answer, Closed> {
        let now = Instant::now();
        if now >= expires {
            return Err(Closed::TooLong);
        }
        match self.open_until {
            None => Ok(Answer::Go { is_probe: false }),
            Some(until) if self.end.is_some_and(|end| until >= end) => Err(Closed::ForGood),
            Some(until) if until >= expires => Err(Closed::TooLong),
            Some(until) if now < until => Ok(Answer::Wait { until }),
            Some(_) if self.is_probed => Ok(Answer::Wait { until: expires }),
            Some(_) => {
                self.is_probed = true;
                Ok(Answer::Go { is_probe: true })
            }
        }
    }

    fn is_open(&self) -> bool {
        self.open_until.is_some_and(|until| Instant::now() < until)
    }

    /// Opens the circuit, unless others have done so.
    fn open(&mut self, after: Option<Duration>) {
        let now = Instant::now();
        let pause = match after {
            Some(after) => after.clamp(SHORTEST, LONGEST),
            None if self.is_open() => return,
            None => {
                let pauses = self.pauses.get_or_insert_with(|| PAUSES.build());
                pauses.next().unwrap_or(LONGEST)
            }
        };
        self.open_until = self.open_until.max(Some(now + pause));
    }
}

impl Admission<'_> {
    /// The backend has answered, whatever it made of the request.
    pub(super) fn answered(self) {
        let mut state = self.circuit.state();
        // What was sent before the backend asked for a pause says nothing of that.
        if self.is_probe || !state.is_open() {
            state.open_until = None;
            state.pauses = None;
        }
    }

    /// The backend wants no requests for so long, or did not answer in a useful way.
    pub(super) fn failed(self, after: Option<Duration>) {
        self.circuit.state().open(after);
    }
}

impl Drop for Admission<'_> {
    fn drop(&mut self) {
        if self.is_probe {
            self.circuit.state().is_probed = false;
        }
        self.circuit.changed.notify_waiters();
    }
}
