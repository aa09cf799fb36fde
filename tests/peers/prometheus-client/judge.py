"""Reads a page of metrics from standard input with Prometheus' own parsers, and writes what it says as JSON.

judge.py prometheus | openmetrics
"""

import json
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

parse = {"prometheus": prometheus, "openmetrics": openmetrics}[sys.argv[1]]
text = sys.stdin.buffer.read().decode("utf-8")


def sample(told):
    shown = told.exemplar
    return {
        "name": told.name,
        "labels": told.labels,
        "value": told.value,
        "exemplar": None if shown is None else {"labels": shown.labels, "value": shown.value, "seconds": float(shown.timestamp)},
    }


families = [
    {"name": of.name, "type": of.type, "unit": of.unit, "samples": [sample(told) for told in of.samples]}
    for of in parse(text)
]
json.dump(families, sys.stdout)
