#!/usr/bin/env bash
# OpenTelemetry for Go takes no traceparent that has a flag it does not know, so the trace breaks there.
#
# Version: go.opentelemetry.io/otel 1.47.0 (Go).
# W3C Trace Context defines two flags today and reserves the others; a later one would look like this. The
# propagator takes 00 to 03 and gives up the whole header for any other value.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
cat > main.go <<'GO'
package main

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

func main() {
	for _, flags := range []string{"01", "03", "04", "05", "ff"} {
		carrier := propagation.MapCarrier{"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-" + flags}
		ctx := propagation.TraceContext{}.Extract(context.Background(), carrier)
		fmt.Print(flags, " ", trace.SpanContextFromContext(ctx).IsValid(), "; ")
	}
}
GO
go mod init flags > go.log 2>&1
go get go.opentelemetry.io/otel@v1.47.0 go.opentelemetry.io/otel/trace@v1.47.0 >> go.log 2>&1
seen=$(go run .)
echo "$seen"
[ "$seen" = "01 true; 03 true; 04 false; 05 false; ff false; " ]
