#!/usr/bin/env bash
# One hop through OpenTelemetry for Python turns the properties of a baggage member into a part of its value.
#
# Version: opentelemetry-api 1.45.2 (PyPI).
# In `tier=gold;ttl=60` the value is `gold` and `ttl=60` a property (W3C Baggage). Python takes all of it for
# the value and percent-encodes it when it passes it on, so the next service reads the value `gold;ttl=60` and no property.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv py && py/bin/pip install --quiet --disable-pip-version-check opentelemetry-api==1.45.2
cat > hop.py <<'PY'
from opentelemetry import baggage
from opentelemetry.baggage.propagation import W3CBaggagePropagator
propagator = W3CBaggagePropagator()
context = propagator.extract({"baggage": "tier=gold;ttl=60"})
carrier = {}
propagator.inject(carrier, context=context)
print(baggage.get_baggage("tier", context), carrier["baggage"])
PY
seen=$(py/bin/python hop.py)
echo "$seen"
[ "$seen" = "gold;ttl=60 tier=gold%3Bttl%3D60" ]
