#!/usr/bin/env bash
# openmetrics-parser refuses a page without metrics, and a summary with its creation time.
#
# Version: openmetrics-parser 0.5.1 (crates).
# An exposition may hold no metric at all, and a summary may have `_created` as a counter may.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "parse"
version = "0.0.0"
edition = "2024"

[dependencies]
openmetrics-parser = "=0.5.1"
TOML
cat > src/main.rs <<'RUST'
fn main() {
    for page in [
        "a 1\n",
        "",
        "# TYPE a summary\na_count 1\na_sum 1\na_created 1\n",
    ] {
        let read = openmetrics_parser::openmetrics::parse_openmetrics(&format!("{page}# EOF\n"));
        print!("{} ", if read.is_ok() { "read" } else { "refused" });
    }
}
RUST
seen=$(cargo run --quiet 2> cargo.log)
echo "$seen"
[ "$seen" = 'read refused refused ' ]
