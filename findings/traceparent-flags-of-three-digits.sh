#!/usr/bin/env bash
# OpenTelemetry for JavaScript passes a traceparent with flags above 0f on with three digits, which nobody can read.
#
# Versions: @opentelemetry/core 2.12.1 with @opentelemetry/api 1.9.1 (npm).
# W3C Trace Context reserves the flags it does not define, and has them sent on as zero.
# The propagator keeps the whole byte and puts a zero before its hexadecimal digits, be they one or two: `10` becomes
# `010`. The header is then 56 characters long, and the next service begins a trace of its own.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund @opentelemetry/core@2.12.1 @opentelemetry/api@1.9.1 > npm.log 2>&1
cat > hop.js <<'JS'
const { trace, defaultTextMapGetter, defaultTextMapSetter, ROOT_CONTEXT } = require("@opentelemetry/api");
const { W3CTraceContextPropagator } = require("@opentelemetry/core");
const propagator = new W3CTraceContextPropagator();
const hop = (traceparent) => {
  const out = {};
  propagator.inject(propagator.extract(ROOT_CONTEXT, { traceparent }, defaultTextMapGetter), out, defaultTextMapSetter);
  return out.traceparent;
};
const once = hop("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-11");
console.log(once, hop(once));
JS
seen=$(node hop.js)
echo "$seen"
[ "$seen" = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-011 undefined" ]
