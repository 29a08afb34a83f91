#!/usr/bin/env bash
# A percent sign in a baggage key: Python and JavaScript decode the key, Go keeps it, and none of them says so.
#
# Versions: opentelemetry-api 1.45.2 (PyPI); @opentelemetry/core 2.12.1 with @opentelemetry/api 1.9.1 (npm);
# go.opentelemetry.io/otel 1.47.0 (Go).
# A key is a token of RFC 7230, in which `%` is an ordinary character; only values are percent-encoded (W3C Baggage).
# So the key `a%2Fb` of one service is `a/b` in the next, which is no token, and a look-up by the same name finds nothing.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv py && py/bin/pip install --quiet --disable-pip-version-check opentelemetry-api==1.45.2
npm install --silent --no-audit --no-fund @opentelemetry/core@2.12.1 @opentelemetry/api@1.9.1 > npm.log 2>&1
cat > keys.py <<'PY'
from opentelemetry import baggage
from opentelemetry.baggage.propagation import W3CBaggagePropagator
print(*baggage.get_all(W3CBaggagePropagator().extract({"baggage": "a%2Fb=1"})))
PY
cat > keys.js <<'JS'
const { propagation, defaultTextMapGetter, ROOT_CONTEXT } = require("@opentelemetry/api");
const { W3CBaggagePropagator } = require("@opentelemetry/core");
const context = new W3CBaggagePropagator().extract(ROOT_CONTEXT, { baggage: "a%2Fb=1" }, defaultTextMapGetter);
console.log(propagation.getBaggage(context).getAllEntries()[0][0]);
JS
mkdir go && cd go
cat > main.go <<'GO'
package main

import (
	"fmt"

	"go.opentelemetry.io/otel/baggage"
)

func main() {
	parsed, err := baggage.Parse("a%2Fb=1")
	if err != nil {
		panic(err)
	}
	fmt.Println(parsed.Members()[0].Key())
}
GO
go mod init keys > go.log 2>&1
go get go.opentelemetry.io/otel@v1.47.0 >> go.log 2>&1
seen="Go $(go run .)"
cd ..
seen="$seen, Python $(py/bin/python keys.py), JavaScript $(node keys.js)"
echo "$seen"
[ "$seen" = "Go a%2Fb, Python a/b, JavaScript a/b" ]
