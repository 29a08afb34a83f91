#!/usr/bin/env bash
# OTLP/JSON read with protobuf's own JSON reader gives ids of 24 and 12 bytes, and writing them shows the same text again.
#
# Versions: opentelemetry-proto 1.45.2 and protobuf 7.36.2 (PyPI).
# OTLP writes ids in hexadecimal, protobuf's JSON takes bytes for base64, and every hexadecimal digit is one of base64 too.
# So nothing fails: the ids are wrong only for who uses their bytes, or sends the message on as protobuf.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
python3 -m venv py && py/bin/pip install --quiet --disable-pip-version-check opentelemetry-proto==1.45.2 protobuf==7.36.2
cat > read.py <<'PY'
import json
from google.protobuf import json_format
from opentelemetry.proto.trace.v1.trace_pb2 import Span
ids = {"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174"}
span = json_format.ParseDict(ids, Span())
print(len(span.trace_id), len(span.span_id), json_format.MessageToDict(span) == ids)
PY
seen=$(py/bin/python read.py)
echo "$seen"
[ "$seen" = '24 12 True' ]
