#!/usr/bin/env bash
# A space in baggage written by OpenTelemetry for Python is a plus sign for everybody else, and their plus a space for it.
#
# Versions: opentelemetry-api 1.45.2 (PyPI); @opentelemetry/core 2.12.1 with @opentelemetry/api 1.9.1 (npm).
# W3C Baggage percent-encodes, where a space is %20 and a plus sign stands for itself. The Python propagator uses the
# encoding of HTML forms in both directions, so `a b` arrives as `a+b` in JavaScript, and `a+b` that JavaScript left
# as it was in a header of another service arrives as `a b` in Python. Nothing is logged.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv py && py/bin/pip install --quiet --disable-pip-version-check opentelemetry-api==1.45.2
npm install --silent --no-audit --no-fund @opentelemetry/core@2.12.1 @opentelemetry/api@1.9.1 > npm.log 2>&1
cat > write.py <<'PY'
import sys
from opentelemetry import baggage
from opentelemetry.baggage.propagation import W3CBaggagePropagator
propagator = W3CBaggagePropagator()
if len(sys.argv) > 1:
    print(repr(baggage.get_baggage("city", propagator.extract({"baggage": sys.argv[1]}))))
else:
    carrier = {}
    propagator.inject(carrier, context=baggage.set_baggage("city", "New York"))
    print(carrier["baggage"])
PY
cat > read.js <<'JS'
const { propagation, defaultTextMapGetter, ROOT_CONTEXT } = require("@opentelemetry/api");
const { W3CBaggagePropagator } = require("@opentelemetry/core");
const context = new W3CBaggagePropagator().extract(ROOT_CONTEXT, { baggage: process.argv[2] }, defaultTextMapGetter);
console.log(JSON.stringify(propagation.getBaggage(context).getEntry("city").value));
JS
header=$(py/bin/python write.py)
seen="Python writes $header, JavaScript reads $(node read.js "$header"); Python reads city=a+b as $(py/bin/python write.py 'city=a+b'), JavaScript as $(node read.js 'city=a+b')"
echo "$seen"
[ "$seen" = "Python writes city=New+York, JavaScript reads \"New+York\"; Python reads city=a+b as 'a b', JavaScript as \"a+b\"" ]
