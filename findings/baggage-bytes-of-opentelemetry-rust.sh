#!/usr/bin/env bash
# OpenTelemetry for Rust drops baggage members whose value has percent-encoded bytes that are not UTF-8.
#
# Version: opentelemetry_sdk 0.33.1 with opentelemetry 0.33.1 (crates).
# W3C Baggage has such bytes read as U+FFFD; the other members come through.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "hop"
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
use opentelemetry_sdk::propagation::BaggagePropagator;

fn main() {
    let propagator = BaggagePropagator::new();
    let came = HashMap::from([("baggage".to_owned(), "name=M%FCller,tier=gold".to_owned())]);
    let mut sent = HashMap::<String, String>::new();
    propagator.inject_context(&propagator.extract_with_context(&Context::new(), &came), &mut sent);
    println!("{}", sent["baggage"]);
}
RUST
seen=$(cargo run --quiet 2> cargo.log)
echo "$seen"
[ "$seen" = 'tier=gold' ]
