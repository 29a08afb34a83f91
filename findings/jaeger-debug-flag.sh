#!/usr/bin/env bash
# Jaeger's debug flag: Python sets it for every sampled trace, JavaScript takes it from those that have it.
#
# Versions: opentelemetry-propagator-jaeger 1.45.1 (PyPI); @opentelemetry/propagator-jaeger 2.12.0 with @opentelemetry/api 1.9.1 (npm).
# In `uber-trace-id` flag 1 means sampled, and 2 that the trace was asked for by hand and no sampler may drop it. A sampled
# trace that passes Python has 03, a debugged one that passes JavaScript 01.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv py && py/bin/pip install --quiet --disable-pip-version-check opentelemetry-propagator-jaeger==1.45.1 opentelemetry-api==1.45.1
npm install --silent --no-audit --no-fund @opentelemetry/propagator-jaeger@2.12.0 @opentelemetry/api@1.9.1 > npm.log 2>&1
cat > hop.py <<'PY'
from opentelemetry.propagators.jaeger import JaegerPropagator
for flags in "1", "3":
    carrier = {}
    context = JaegerPropagator().extract({"uber-trace-id": f"463ac35c9f6413ad48485a3953bb6124:a2fb4a1d1a96d312:0:{flags}"})
    JaegerPropagator().inject(carrier, context)
    print(flags, carrier["uber-trace-id"].split(":")[3], sep="->", end=" ")
PY
cat > hop.js <<'JS'
const { defaultTextMapGetter, defaultTextMapSetter, ROOT_CONTEXT } = require("@opentelemetry/api");
const { JaegerPropagator } = require("@opentelemetry/propagator-jaeger");
const propagator = new JaegerPropagator();
console.log(...["1", "3"].map((flags) => {
  const out = {};
  const carrier = { "uber-trace-id": "463ac35c9f6413ad48485a3953bb6124:a2fb4a1d1a96d312:0:" + flags };
  propagator.inject(propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter), out, defaultTextMapSetter);
  return flags + "->" + out["uber-trace-id"].split(":")[3];
}));
JS
seen="Python $(py/bin/python hop.py), JavaScript $(node hop.js)"
echo "$seen"
[ "$seen" = "Python 1->03 3->03 , JavaScript 1->01 3->01" ]
