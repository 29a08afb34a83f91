#!/usr/bin/env bash
# B3 headers without a sampling decision: what two libraries make of them depends on the library and on the form.
#
# Versions: opentelemetry-propagator-b3 1.45.1 (PyPI); @opentelemetry/propagator-b3 2.12.0 with @opentelemetry/api 1.9.1 (npm).
# A B3 header with ids and no sampling state leaves the decision to whoever reads it. Python takes the single header
# for sampled and the several headers for not sampled. JavaScript takes both for not sampled and tells the next service so.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv py && py/bin/pip install --quiet --disable-pip-version-check opentelemetry-propagator-b3==1.45.1 opentelemetry-api==1.45.1
npm install --silent --no-audit --no-fund @opentelemetry/propagator-b3@2.12.0 @opentelemetry/api@1.9.1 > npm.log 2>&1
cat > read.py <<'PY'
from opentelemetry import trace
from opentelemetry.propagators.b3 import B3MultiFormat
ids = "463ac35c9f6413ad48485a3953bb6124", "a2fb4a1d1a96d312"
for carrier in {"b3": "-".join(ids)}, {"x-b3-traceid": ids[0], "x-b3-spanid": ids[1]}:
    print(trace.get_current_span(B3MultiFormat().extract(carrier)).get_span_context().trace_flags, end=" ")
PY
cat > read.js <<'JS'
const { defaultTextMapGetter, defaultTextMapSetter, ROOT_CONTEXT } = require("@opentelemetry/api");
const { B3Propagator } = require("@opentelemetry/propagator-b3");
const [trace, span] = ["463ac35c9f6413ad48485a3953bb6124", "a2fb4a1d1a96d312"];
const sent = [{ b3: trace + "-" + span }, { "x-b3-traceid": trace, "x-b3-spanid": span }].map((carrier) => {
  const out = {};
  new B3Propagator().inject(new B3Propagator().extract(ROOT_CONTEXT, carrier, defaultTextMapGetter), out, defaultTextMapSetter);
  return out.b3.split("-")[2];
});
console.log(...sent);
JS
seen="Python's flags: $(py/bin/python read.py), sent on by JavaScript: $(node read.js)"
echo "$seen"
[ "$seen" = "Python's flags: 1 0 , sent on by JavaScript: 0 0" ]
