#!/usr/bin/env bash
# OpenTelemetry for JavaScript drops baggage members whose value is empty.
#
# Versions: @opentelemetry/core 2.12.1 with @opentelemetry/api 1.9.1 (npm).
# W3C Baggage lets a value have no characters at all. The member vanishes without a word, so a flag such as `beta=` does
# not come through; Python, Go and Rust keep it.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund @opentelemetry/core@2.12.1 @opentelemetry/api@1.9.1 > npm.log 2>&1
cat > hop.js <<'JS'
const { propagation, defaultTextMapGetter, defaultTextMapSetter, ROOT_CONTEXT } = require("@opentelemetry/api");
const { W3CBaggagePropagator } = require("@opentelemetry/core");
const propagator = new W3CBaggagePropagator();
const out = {};
propagator.inject(propagator.extract(ROOT_CONTEXT, { baggage: "beta=,tier=gold" }, defaultTextMapGetter), out, defaultTextMapSetter);
console.log(out.baggage);
JS
seen=$(node hop.js)
echo "$seen"
[ "$seen" = "tier=gold" ]
