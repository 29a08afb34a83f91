#!/usr/bin/env bash
# A tracestate key that begins with a digit is dropped by three OpenTelemetry libraries, in two of them with all others.
#
# Versions: opentelemetry-api 1.45.2 (PyPI); @opentelemetry/core 2.12.1 with @opentelemetry/api 1.9.1 (npm);
# go.opentelemetry.io/otel 1.47.0 (Go).
# Since Level 2 of W3C Trace Context a key may begin with a digit. JavaScript passes the other member on, Python and Go none.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv py && py/bin/pip install --quiet --disable-pip-version-check opentelemetry-api==1.45.2
npm install --silent --no-audit --no-fund @opentelemetry/core@2.12.1 @opentelemetry/api@1.9.1 > npm.log 2>&1
parent=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
cat > hop.py <<PY
import logging
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
logging.disable()
carrier = {}
propagator = TraceContextTextMapPropagator()
propagator.inject(carrier, propagator.extract({"traceparent": "$parent", "tracestate": "acme=1,2nd=2"}))
print(carrier.get("tracestate", "nothing"))
PY
cat > hop.js <<JS
const { defaultTextMapGetter, defaultTextMapSetter, ROOT_CONTEXT } = require("@opentelemetry/api");
const { W3CTraceContextPropagator } = require("@opentelemetry/core");
const propagator = new W3CTraceContextPropagator();
const out = {};
const carrier = { traceparent: "$parent", tracestate: "acme=1,2nd=2" };
propagator.inject(propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter), out, defaultTextMapSetter);
console.log(out.tracestate);
JS
mkdir go && cd go
cat > main.go <<GO
package main

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/propagation"
)

func main() {
	propagator := propagation.TraceContext{}
	carrier := propagation.MapCarrier{"traceparent": "$parent", "tracestate": "acme=1,2nd=2"}
	out := propagation.MapCarrier{}
	propagator.Inject(propagator.Extract(context.Background(), carrier), out)
	fmt.Printf("%q", out["tracestate"])
}
GO
go mod init hop > go.log 2>&1
go get go.opentelemetry.io/otel@v1.47.0 >> go.log 2>&1
seen="Go $(go run .)"
cd ..
seen="$seen, Python $(py/bin/python hop.py), JavaScript $(node hop.js)"
echo "$seen"
[ "$seen" = 'Go "", Python nothing, JavaScript acme=1' ]
