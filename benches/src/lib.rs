//! What an annotated call costs, measured side by side with other frameworks. The code is in `budgets/`.
//!
//! `cargo bench -p tachograph-benches` prints the table of `RESULTS.md`, and with a word after `--` only the rows whose
//! name has it. Figures are in nanoseconds over the same call without instrumentation, where the row does not say
//! otherwise.
//!
//! The runner is our own. Criterion and divan measure one function to the end before they begin the next, so on a
//! machine that does other work at times, the ratio of two functions is the ratio of two moments. Here all contenders
//! of a row take short turns, each right after the bare call, and the medians of many rounds are compared. It also
//! counts processor time in the place of wall time, which other programs do not inflate, and counts it twice: for the
//! thread that makes the calls, and for all threads of the process, those included that collect what was recorded.
//! Neither library can.
