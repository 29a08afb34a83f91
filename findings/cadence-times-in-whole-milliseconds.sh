#!/usr/bin/env bash
# cadence cuts a `Duration` to whole milliseconds, so everything that is quicker takes no time at all.
#
# Version: cadence 1.8.0 (crates).
# StatsD takes fractions of milliseconds. A `Duration` of 900 microseconds is sent as 0, one of 1,999 as 1, and an average
# over quick calls is 0. The same `Duration` given to `histogram` is sent in nanoseconds.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "times"
version = "0.0.0"
edition = "2024"

[dependencies]
cadence = "=1.8.0"
TOML
cat > src/main.rs <<'RUST'
use std::time::Duration;

use cadence::{Histogrammed, SpyMetricSink, StatsdClient, Timed};

fn main() {
    let (sent, sink) = SpyMetricSink::new();
    let client = StatsdClient::from_sink("p", sink);
    client.time("quick", Duration::from_micros(900)).unwrap();
    client.time("quick", Duration::from_micros(1_999)).unwrap();
    client.histogram("quick", Duration::from_micros(900)).unwrap();
    for line in sent.try_iter() {
        print!("{} ", String::from_utf8(line).unwrap());
    }
}
RUST
seen=$(cargo run --quiet 2> cargo.log)
echo "$seen"
[ "$seen" = 'p.quick:0|ms p.quick:1|ms p.quick:900000|h ' ]
