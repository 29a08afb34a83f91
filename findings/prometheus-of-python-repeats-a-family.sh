#!/usr/bin/env bash
# One counter in two scopes with different descriptions: Python's exporter writes the family twice, which OpenMetrics forbids.
#
# Version: opentelemetry-exporter-prometheus 0.66b2 with opentelemetry-sdk 1.45.2 and prometheus_client 0.26.0 (PyPI).
# With the same description both series stand under one head. With different ones, as two releases of one library have
# them, there are two heads of the same name, and a strict reader takes nothing of the page.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv py && py/bin/pip install --quiet --disable-pip-version-check opentelemetry-exporter-prometheus==0.66b2 opentelemetry-sdk==1.45.2 prometheus_client==0.26.0
cat > page.py <<'PY'
import sys
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import REGISTRY
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
for collector in list(REGISTRY._collector_to_names):
    REGISTRY.unregister(collector)
provider = MeterProvider([PrometheusMetricReader()])
for scope, description in zip(("client", "server"), sys.argv[1:]):
    provider.get_meter(scope).create_counter("requests", description=description).add(1)
try:
    list(text_string_to_metric_families(generate_latest(REGISTRY).decode()))
    print("read", end=" ")
except ValueError as error:
    print(error, end=" ")
PY
seen=$(py/bin/python page.py Requests. Requests.; py/bin/python page.py Requests. "Requests that ended.")
echo "$seen"
[ "$seen" = 'read Received metadata after samples: # HELP requests Requests that ended. ' ]
