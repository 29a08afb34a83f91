#!/usr/bin/env bash
# prometheus-client for Rust adds the unit to a name that ends with it already.
#
# Version: prometheus-client 0.26.0 (crates).
# OpenMetrics wants a metric's name to end with its unit. `sent_bytes` in bytes is such a name, and becomes `sent_bytes_bytes`.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "page"
version = "0.0.0"
edition = "2024"

[dependencies]
prometheus-client = "=0.26.0"
TOML
cat > src/main.rs <<'RUST'
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::{Registry, Unit};

fn main() {
    let mut registry = Registry::default();
    registry.register_with_unit("sent_bytes", "Bytes", Unit::Bytes, <Counter>::default());
    let mut page = String::new();
    prometheus_client::encoding::text::encode(&mut page, &registry).unwrap();
    print!("{page}");
}
RUST
seen=$(cargo run --quiet 2> cargo.log | grep -v '^#')
echo "$seen"
[ "$seen" = 'sent_bytes_bytes_total 0' ]
