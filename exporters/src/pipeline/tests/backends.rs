//! Backends that follow a script.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::pipeline::payload::Payload;
use crate::pipeline::sink::{Sending, Transport};
use crate::pipeline::verdict::{Receipt, Verdict};

/// What a backend does with a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer {
    Take,
    TakeSome {
        rejected: u64,
        why: &'static str,
    },
    TakeAllBut {
        rest: u64,
    },
    /// It finds requests of more items too large.
    TakeUpTo {
        items: u64,
    },
    Say(&'static str),
    Refuse,
    Later {
        after: Option<Duration>,
    },
    Slowly(Duration),
    Panic,
}

/// A backend that follows a script, and at its end does the same for ever: it takes everything, unless told otherwise.
#[derive(Clone)]
pub(super) struct Backend {
    script: Arc<Mutex<VecDeque<Answer>>>,
    in_the_end: Answer,
    begin: Instant,
    /// When requests came, and with how many items.
    requests: Arc<Mutex<Vec<(Duration, u64)>>>,
}

impl Backend {
    pub(super) fn new(script: impl IntoIterator<Item = Answer>) -> Self {
        Self {
            script: Arc::new(Mutex::new(script.into_iter().collect())),
            in_the_end: Answer::Take,
            begin: Instant::now(),
            requests: Arc::default(),
        }
    }

    pub(super) fn always(answer: Answer) -> Self {
        Self {
            in_the_end: answer,
            ..Self::new([])
        }
    }

    /// When requests came, in milliseconds.
    pub(super) fn times(&self) -> Vec<u128> {
        let requests = self.requests.lock().unwrap();
        requests.iter().map(|(time, _)| time.as_millis()).collect()
    }

    pub(super) fn items(&self) -> Vec<u64> {
        let requests = self.requests.lock().unwrap();
        requests.iter().map(|(_, items)| *items).collect()
    }
}

impl Transport for Backend {
    fn send<'a>(&'a self, payload: &'a Payload) -> Sending<'a> {
        Box::pin(async move {
            let request = (self.begin.elapsed(), payload.items);
            self.requests.lock().unwrap().push(request);
            let answer = self.script.lock().unwrap().pop_front();
            let reason = "says the script".to_owned();
            let taken = |rejected, message: &str| {
                Verdict::Taken(Receipt {
                    rejected,
                    message: message.to_owned(),
                })
            };
            match answer.unwrap_or(self.in_the_end) {
                Answer::TakeSome { rejected, why } => taken(rejected, why),
                Answer::TakeAllBut { rest } => Verdict::Later {
                    reason,
                    after: None,
                    rest: Some(payload.part("rest", rest)),
                },
                Answer::TakeUpTo { items } if payload.items > items => Verdict::TooLarge { reason },
                Answer::Take | Answer::TakeUpTo { .. } => taken(0, ""),
                Answer::Say(message) => taken(0, message),
                Answer::Refuse => Verdict::Refused { reason },
                Answer::Later { after } => Verdict::Later {
                    reason,
                    after,
                    rest: None,
                },
                Answer::Slowly(time) => {
                    sleep(time).await;
                    taken(0, "")
                }
                Answer::Panic => panic!("on purpose"),
            }
        })
    }

    fn server(&self) -> Option<String> {
        Some("http://scripted".to_owned())
    }
}
