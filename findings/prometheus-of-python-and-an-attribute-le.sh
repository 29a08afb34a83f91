#!/usr/bin/env bash
# An attribute named `le` on a histogram: OpenTelemetry's Prometheus exporter for Python writes a page that its own parser refuses.
#
# Version: opentelemetry-exporter-prometheus 0.66b2 with opentelemetry-sdk 1.45.2 and prometheus_client 0.26.0 (PyPI).
# The attribute stays with `_count` and `_sum` and gives way to the bound in `_bucket`, so the samples of one
# histogram have two sets of labels. `le` is a legal name for an attribute, and nothing warns of it.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv py && py/bin/pip install --quiet --disable-pip-version-check opentelemetry-exporter-prometheus==0.66b2 opentelemetry-sdk==1.45.2 prometheus_client==0.26.0
cat > page.py <<'PY'
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from prometheus_client import REGISTRY
from prometheus_client.openmetrics.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
for collector in list(REGISTRY._collector_to_names):
    REGISTRY.unregister(collector)
meter = MeterProvider([PrometheusMetricReader()]).get_meter("m")
meter.create_histogram("wait").record(1, {"le": "Paris"})
try:
    list(text_string_to_metric_families(generate_latest(REGISTRY).decode()))
    print("read")
except ValueError as error:
    print(error)
PY
seen=$(py/bin/python page.py)
echo "$seen"
[ "$seen" = '+Inf bucket missing: wait' ]
