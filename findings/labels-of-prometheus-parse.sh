#!/usr/bin/env bash
# prometheus-parse drops samples and labels of valid pages without a word, and leaves label values escaped.
#
# Version: prometheus-parse 0.2.5 (crates).
# A closing brace in a label value, or a colon in a name as recording rules have it, loses the sample; an equals sign in
# a value loses the label; a quotation mark keeps its backslash; sum and count of a histogram become metrics without a type.
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
prometheus-parse = "=0.2.5"
TOML
cat > src/main.rs <<'RUST'
use prometheus_parse::{Scrape, Value};

fn read(page: &str) -> Scrape {
    Scrape::parse(page.lines().map(|line| Ok(line.to_owned()))).unwrap()
}

fn main() {
    let number = |page| read(page).samples.len();
    println!("brace {}, colon {}", number("a{l=\"x}y\"} 1"), number("job:a:sum 1"));
    let label = |page| read(page).samples[0].labels.get("l").map(str::to_owned);
    println!("equals {:?}, quotation mark {:?}", label("a{l=\"x=y\"} 1"), label("a{l=\"x\\\"y\"} 1"));
    let page = "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2";
    let untyped = read(page).samples.into_iter().filter(|sample| matches!(sample.value, Value::Untyped(_)));
    println!("untyped {:?}", untyped.map(|sample| sample.metric).collect::<Vec<_>>());
}
RUST
seen=$(cargo run --quiet 2> cargo.log)
echo "$seen"
[ "$seen" = 'brace 0, colon 0
equals None, quotation mark Some("x\\\"y")
untyped ["h_sum", "h_count"]' ]
