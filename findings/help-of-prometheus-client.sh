#!/usr/bin/env bash
# prometheus-client for Rust writes a line break in a help text as it is, so the page cannot be read.
#
# Versions: prometheus-client 0.26.0 (crates); read with prometheus_client 0.26.0 (PyPI), another library of that name.
# OpenMetrics escapes backslashes, line breaks and quotation marks in HELP. Label values are escaped, help texts are not,
# and a doc comment of two lines is a likely one.
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
use prometheus_client::registry::Registry;

fn main() {
    let mut registry = Registry::default();
    registry.register("jobs", "Jobs that ended,\nwhatever their result", <Counter>::default());
    let mut page = String::new();
    prometheus_client::encoding::text::encode(&mut page, &registry).unwrap();
    print!("{page}");
}
RUST
cargo build --quiet 2> cargo.log
python3 -m venv py && py/bin/pip install --quiet --disable-pip-version-check prometheus_client==0.26.0
cat > read.py <<'PY'
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
try:
    list(text_string_to_metric_families(sys.stdin.read()))
    print("read")
except ValueError as error:
    print("refused")
PY
seen=$(target/debug/page | head -2 | tr '\n' '|'; target/debug/page | py/bin/python read.py)
echo "$seen"
[ "$seen" = '# HELP jobs Jobs that ended,|whatever their result.|refused' ]
