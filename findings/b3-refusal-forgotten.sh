#!/usr/bin/env bash
# A B3 header that only says "do not sample" is forgotten by OpenTelemetry for Python and JavaScript: the trace is recorded.
#
# Versions: opentelemetry-sdk 1.45.1 with opentelemetry-propagator-b3 1.45.1 (PyPI); @opentelemetry/propagator-b3 2.12.0
# with @opentelemetry/sdk-trace-base 2.12.1 and @opentelemetry/api 1.9.1 (npm).
# `b3: 0` is a whole header: the caller has decided against this trace and made no ids. Both propagators return no
# context for it, so a parent-based sampler sees a root, and samples it.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv py && py/bin/pip install --quiet --disable-pip-version-check opentelemetry-propagator-b3==1.45.1 opentelemetry-sdk==1.45.1
npm install --silent --no-audit --no-fund @opentelemetry/propagator-b3@2.12.0 @opentelemetry/api@1.9.1 @opentelemetry/sdk-trace-base@2.12.1 > npm.log 2>&1
cat > root.py <<'PY'
from opentelemetry.propagators.b3 import B3SingleFormat
from opentelemetry.sdk.trace import TracerProvider
tracer = TracerProvider().get_tracer("t")
print(tracer.start_span("work", context=B3SingleFormat().extract({"b3": "0"})).is_recording())
PY
cat > root.js <<'JS'
const { defaultTextMapGetter, ROOT_CONTEXT } = require("@opentelemetry/api");
const { B3Propagator } = require("@opentelemetry/propagator-b3");
const { BasicTracerProvider } = require("@opentelemetry/sdk-trace-base");
const context = new B3Propagator().extract(ROOT_CONTEXT, { b3: "0" }, defaultTextMapGetter);
console.log(new BasicTracerProvider().getTracer("t").startSpan("work", {}, context).isRecording());
JS
seen="recorded: Python $(py/bin/python root.py), JavaScript $(node root.js)"
echo "$seen"
[ "$seen" = "recorded: Python True, JavaScript true" ]
