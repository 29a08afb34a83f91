#!/usr/bin/env bash
# The OpenMetrics parser of prometheus_client refuses a page with a single quotation mark in the label of an exemplar.
#
# Version: prometheus_client 0.26.0 (PyPI).
# Labels of exemplars are escaped as those of samples are. The parser reads one escaped quotation mark in a sample's
# label, and an escaped line break in an exemplar's, and two quotation marks there, but not one.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv py && py/bin/pip install --quiet --disable-pip-version-check prometheus_client==0.26.0
cat > parse.py <<'PY'
from prometheus_client.openmetrics.parser import text_string_to_metric_families
for sample in (r'jobs_total{name="6\" pipe"} 1', r'jobs_total 1 # {name="a\nb"} 1', r'jobs_total 1 # {name="6\" pipe"} 1'):
    try:
        list(text_string_to_metric_families(f"# TYPE jobs counter\n{sample}\n# EOF\n"))
        print("read", end=" ")
    except ValueError as error:
        print("refused", end=" ")
PY
seen=$(py/bin/python parse.py)
echo "$seen"
[ "$seen" = 'read read refused ' ]
