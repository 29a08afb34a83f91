#!/usr/bin/env python3
"""Reads one page in OpenMetrics from standard input, with the parser of Prometheus' own Python client."""

import sys
from pathlib import Path

# `install.sh` puts it there.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "openmetrics"))

from prometheus_client.openmetrics.parser import text_fd_to_metric_families  # noqa: E402

sys.stdin.reconfigure(encoding="utf-8", newline="\n")
try:
    families = list(text_fd_to_metric_families(sys.stdin))
except ValueError as error:
    sys.exit(f"the page cannot be read: {error}")
if not families:
    sys.exit("the page is empty")
