#!/usr/bin/env bash
# OpenTelemetry for Rust sends an empty `tracestate` header with every traced request that has no tracestate.
#
# Version: opentelemetry_sdk 0.33.1 with opentelemetry 0.33.1 (crates).
# W3C Trace Context allows an empty header and asks vendors not to send one.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "inject"
version = "0.0.0"
edition = "2024"

[dependencies]
opentelemetry = { version = "=0.33.1", default-features = false, features = ["trace"] }
opentelemetry_sdk = { version = "=0.33.1", default-features = false, features = ["trace"] }
TOML
cat > src/main.rs <<'RUST'
use std::collections::HashMap;

use opentelemetry::Context;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry_sdk::propagation::TraceContextPropagator;

fn main() {
    let propagator = TraceContextPropagator::new();
    let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let came = HashMap::from([("traceparent".to_owned(), parent.to_owned())]);
    let mut sent = HashMap::<String, String>::new();
    propagator.inject_context(&propagator.extract_with_context(&Context::new(), &came), &mut sent);
    println!("{:?}", sent.get("tracestate"));
}
RUST
seen=$(cargo run --quiet 2> cargo.log)
echo "$seen"
[ "$seen" = 'Some("")' ]
