#!/usr/bin/env bash
# httpdate puts every two-digit year from 70 on into the last century, where HTTP wants it in this one until it is 50 years off.
#
# Version: httpdate 1.0.3 (crates).
# RFC 9110 lets a `Retry-After` be in RFC 850's form, and takes a two-digit year that seems more than 50 years in the
# future for the most recent past one. In 2026 the year 75 is 49 years off and so 2075; httpdate finds the weekday of
# 2075 wrong, and takes that of 1975.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "dates"
version = "0.0.0"
edition = "2024"

[dependencies]
httpdate = "=1.0.3"
TOML
cat > src/main.rs <<'RUST'
fn main() {
    let is_date = |text| httpdate::parse_http_date(text).is_ok();
    // The sixth of November is a Wednesday in 2075, and was a Thursday in 1975.
    println!("2075 {}, 1975 {}", is_date("Wednesday, 06-Nov-75 08:49:37 GMT"), is_date("Thursday, 06-Nov-75 08:49:37 GMT"));
}
RUST
seen=$(cargo run --quiet 2> cargo.log)
echo "$seen"
[ "$seen" = '2075 false, 1975 true' ]
