"""A trace as a picture."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from example_project.stack.waterfall import rows, svg, ticks

TEXT = "{http://www.w3.org/2000/svg}text"


def span(number, name, began, took, parent="", **tags):
    above = [{"refType": "CHILD_OF", "traceID": "t", "spanID": parent}] if parent else []
    return {
        "spanID": number,
        "operationName": name,
        "references": above,
        "startTime": 1_000_000 + began,
        "duration": took,
        "processID": "p1",
        "tags": [{"key": key.replace("_", "."), "value": value} for key, value in tags.items()],
    }


TRACE = {
    "traceID": "t",
    "processes": {"p1": {"serviceName": "site"}},
    "spans": [
        span("c", "POST", 40, 60, "b", error=True, error_type="a.b.Timeout"),
        span("a", "GET /<x>/", 0, 100),
        span("d", "early", 10, 5, "a"),
        span("b", "payment.send", 30, 70, "a", error=True, otel_status="x"),
        span("z", "of a caller", 1, 2, "unknown"),
    ],
}


def test_rows__stand_beneath_their_parents_in_order_of_time():
    """A span whose parent is not there is a root."""
    found = [(row.name, row.depth, row.error) for row in rows(TRACE)]
    assert found == [
        ("GET /<x>/", 0, ""),
        ("early", 1, ""),
        ("payment.send", 1, "error"),
        ("POST", 2, "Timeout"),
        ("of a caller", 0, ""),
    ]


def test_svg__says_names_times_errors_and_numbers():
    """Whatever a name holds, it is a picture."""
    root = ET.fromstring(svg(rows(TRACE), "t", ["POST", "early"]))
    words = [element.text for element in root.iter(TEXT)]
    assert {"GET /<x>/", "60 µs · Timeout", "1", "2", "trace t · 100 µs · 5 spans · 2 failed"} <= {
        *words
    }


def test_svg__refuses_to_number_what_is_not_there():
    """A typing error is told."""
    with pytest.raises(SystemExit, match="No span is called 'PUT'"):
        svg(rows(TRACE), "t", ["PUT"])


@pytest.mark.parametrize("whole", [0.1, 1.0, 7.3, 117.9, 1080.0, 5990.0])
def test_ticks__are_round_and_few(whole):
    """From 0, at most six, and none beyond the end."""
    found = ticks(whole)
    assert found[0] == 0
    assert 3 <= len(found) <= 6
    assert found[-1] <= whole
