//! Measures the contenders of a row in turns, and prints the row.

use rustix::time::{ClockId, clock_gettime};

/// Turns of each contender; the figures are medians over them.
const ROUNDS: usize = 41;

/// A function that makes so many calls: `calls!(n => leaf(n))`.
macro_rules! calls {
    ($n:ident => $call:expr) => {
        |calls| {
            for $n in 0..calls {
                _ = std::hint::black_box($call);
            }
        }
    };
}
pub(crate) use calls;

/// A way of doing what a row is about.
#[derive(Clone, Copy)]
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// Makes so many calls.
    pub(crate) run: fn(u64),
    /// Brings to its end what the calls left for other threads.
    pub(crate) settle: fn(),
}

/// One line of the table, or two: the time of the calling thread, and that of all threads where it has a budget.
pub(crate) struct Row<'a> {
    pub(crate) name: &'static str,
    /// The calls of one turn.
    pub(crate) calls: u64,
    /// The same calls without instrumentation.
    pub(crate) bare: fn(u64),
    pub(crate) ours: Contender,
    pub(crate) peers: &'a [Contender],
    /// At most so many nanoseconds of the calling thread over the bare call.
    pub(crate) budget: Option<f64>,
    /// The same of all threads.
    pub(crate) budget_of_all: Option<f64>,
}

/// The table as it is printed, one row after the other.
pub(crate) struct Table {
    words: Vec<String>,
}

/// Processor time of one turn, in nanoseconds a call.
#[derive(Clone, Copy)]
struct Turn {
    caller: f64,
    all: f64,
}

impl Contender {
    pub(crate) const fn new(name: &'static str, run: fn(u64)) -> Self {
        Self {
            name,
            run,
            settle: || {},
        }
    }

    pub(crate) const fn settled_by(self, settle: fn()) -> Self {
        Self { settle, ..self }
    }

    fn turn(&self, calls: u64) -> Turn {
        let (caller, all) = (
            processor_time(ClockId::ThreadCPUTime),
            processor_time(ClockId::ProcessCPUTime),
        );
        (self.run)(calls);
        let caller = per_call(processor_time(ClockId::ThreadCPUTime) - caller, calls);
        (self.settle)();
        let all = per_call(processor_time(ClockId::ProcessCPUTime) - all, calls);
        Turn { caller, all }
    }
}

impl Table {
    pub(crate) fn new(words: Vec<String>) -> Self {
        println!(
            "| nanoseconds a call, over the bare call | ours | budget | peers | ours to the best peer |"
        );
        println!("|---|---|---|---|---|");
        Self { words }
    }

    /// Whether somebody asked for this row.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word.as_str()))
    }

    /// Measures a row and prints it.
    pub(crate) fn row(&mut self, row: &Row<'_>) {
        if !self.wants(row.name) {
            return;
        }
        let bare = Contender::new("bare", row.bare);
        let contenders = [&row.ours].into_iter().chain(row.peers);
        let mut turns: Vec<_> = contenders
            .map(|contender| (contender, Vec::new()))
            .collect();
        for _ in 0..ROUNDS {
            for (contender, turns) in &mut turns {
                let bare = bare.turn(row.calls);
                let turn = contender.turn(row.calls);
                turns.push(Turn {
                    caller: turn.caller - bare.caller,
                    all: turn.all - bare.all,
                });
            }
        }
        let figures = |of: fn(&Turn) -> f64| -> Vec<_> {
            turns
                .iter()
                .map(|(contender, turns)| (contender.name, median(turns.iter().map(of))))
                .collect()
        };
        print(row.name, row.budget, &figures(|turn| turn.caller));
        if row.budget_of_all.is_some() {
            let name = format!("{}, all threads", row.name);
            print(&name, row.budget_of_all, &figures(|turn| turn.all));
        }
    }
}

/// Prints a line; the first figure is ours.
pub(crate) fn print(name: &str, budget: Option<f64>, figures: &[(&str, f64)]) {
    let (_, ours) = figures[0];
    let peers: Vec<_> = figures[1..]
        .iter()
        .map(|(name, nanos)| format!("{name} {nanos:.1}"))
        .collect();
    let best = figures[1..]
        .iter()
        .map(|(_, nanos)| *nanos)
        .reduce(f64::min);
    let ratio = best.map_or(String::new(), |best| format!("{:.2}", ours / best));
    let budget = budget.map_or(String::new(), |budget| format!("{budget}"));
    println!(
        "| {name} | {ours:.1} | {budget} | {} | {ratio} |",
        peers.join(", ")
    );
}

/// Not a number if there are no figures.
pub(crate) fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<_> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Nanoseconds of processor time of this thread, or of this process.
pub(crate) fn processor_time(of: ClockId) -> i64 {
    let time = clock_gettime(of);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

#[expect(clippy::cast_precision_loss, reason = "turns last seconds at most")]
pub(crate) fn per_call(nanos: i64, calls: u64) -> f64 {
    nanos as f64 / calls as f64
}
