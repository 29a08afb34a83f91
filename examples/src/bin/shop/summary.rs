//! What the shop prints of its own metrics.

use std::collections::BTreeMap;

use tachograph::Registry;
use tachograph::metrics::{MetricData, Point};

/// The figures of one function.
#[derive(Default)]
struct Row {
    results: BTreeMap<String, u64>,
    seconds: f64,
    in_flight: i64,
}

impl Row {
    fn calls(&self) -> u64 {
        self.results.values().sum()
    }

    fn result(&self, result: &str) -> u64 {
        self.results.get(result).copied().unwrap_or_default()
    }
}

/// How things stand, in one line.
pub(crate) fn print_line() {
    let rows = rows();
    let sum = |result: &str| rows.values().map(|row| row.result(result)).sum::<u64>();
    let in_flight: i64 = rows.values().map(|row| row.in_flight).sum();
    println!(
        "{:>8} calls: {} ok, {} error, {} panic, {} cancelled; {in_flight} in flight",
        rows.values().map(Row::calls).sum::<u64>(),
        sum("ok"),
        sum("error"),
        sum("panic"),
        sum("cancelled"),
    );
}

/// How things stand, function by function.
pub(crate) fn print_table() {
    let columns = ["calls", "ok", "error", "panic", "cancelled"];
    print!("\n{:<32}", "function");
    for column in columns {
        print!("{column:>10}");
    }
    println!("{:>12}", "mean");
    for (function, row) in rows() {
        print!("{function:<32}{:>10}", row.calls());
        for result in &columns[1..] {
            print!("{:>10}", row.result(result));
        }
        match row.calls() {
            0 => println!("{:>12}", "-"),
            #[expect(clippy::cast_precision_loss, reason = "a mean for people")]
            calls => println!("{:>9.3} ms", row.seconds * 1e3 / calls as f64),
        }
    }
}

/// The figures of every metered function, from the registry that the telemetry server serves.
fn rows() -> BTreeMap<String, Row> {
    let mut rows = BTreeMap::<String, Row>::new();
    for metric in Registry::global().snapshot().metrics() {
        match metric.data() {
            MetricData::Histogram(points) => {
                for point in points {
                    let (calls, seconds) = (point.value().count(), point.value().sum());
                    add_calls(&mut rows, point, calls, seconds);
                }
            }
            MetricData::ExponentialHistogram(points) => {
                for point in points {
                    let (calls, seconds) = (point.value().count(), point.value().sum());
                    add_calls(&mut rows, point, calls, seconds);
                }
            }
            MetricData::UpDownCounter(points) => {
                for point in points {
                    if let Some(function) = function(point) {
                        rows.entry(function).or_default().in_flight += point.value();
                    }
                }
            }
            _ => {}
        }
    }
    rows
}

fn add_calls<T>(rows: &mut BTreeMap<String, Row>, point: Point<'_, T>, calls: u64, seconds: f64) {
    let (Some(function), Some(result)) = (function(point), point.label("result")) else {
        return;
    };
    let row = rows.entry(function).or_default();
    *row.results.entry(result.to_owned()).or_default() += calls;
    row.seconds += seconds;
}

/// The last part of the module with the function, which tells them apart.
fn function<T>(point: Point<'_, T>) -> Option<String> {
    let module = point.label("module")?.rsplit("::").next()?;
    Some(format!("{module}::{}", point.label("function")?))
}
