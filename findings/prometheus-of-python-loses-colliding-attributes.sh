#!/usr/bin/env bash
# Two attributes that come to one label: OpenTelemetry's Prometheus exporter for Python shows one value and loses the other.
#
# Version: opentelemetry-exporter-prometheus 0.66b2 with opentelemetry-sdk 1.45.2 and prometheus_client 0.26.0 (PyPI).
# The specification joins the values with a semicolon, in the order of the keys. Here the last one is left.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv py && py/bin/pip install --quiet --disable-pip-version-check opentelemetry-exporter-prometheus==0.66b2 opentelemetry-sdk==1.45.2 prometheus_client==0.26.0
cat > page.py <<'PY'
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import REGISTRY, generate_latest
meter = MeterProvider([PrometheusMetricReader()]).get_meter("m")
meter.create_counter("requests").add(1, {"http.route": "/a", "http_route": "/b"})
line = next(line for line in generate_latest(REGISTRY).decode().splitlines() if line.startswith("requests_total"))
print(line[line.index("http"):line.index(",")])
PY
seen=$(py/bin/python page.py)
echo "$seen"
[ "$seen" = 'http_route="/b"' ]
