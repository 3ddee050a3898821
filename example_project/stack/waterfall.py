"""A trace as a picture, from what Jaeger's query API answers: for documents.

``python -m example_project.stack.waterfall http://127.0.0.1:16686 TRACE [NAME …] > it.svg``;
a span of each NAME is numbered, one that failed before others.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from xml.sax.saxutils import escape

import urllib3

WIDTH: Final = 1200
ROW: Final = 24
TOP: Final = 92
NAMES: Final = 400
"""Where the timeline begins."""
LINE: Final = WIDTH - NAMES - 180
"""Width of the timeline; behind it there is room for a bar's text."""
MOST: Final = 6
"""So many times stand above it."""
COLOURS: Final = ("#2f6f9f", "#b7791f", "#4f8a4c", "#7a5ea8")
RED: Final = "#c62828"
INK, GREY, RULE = "#1c2733", "#66727f", "#e3e8ee"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A span in its place; times in milliseconds since the trace began."""

    name: str
    service: str
    depth: int
    began: float
    took: float
    error: str


def rows(trace: Mapping[str, Any]) -> list[Row]:
    """The spans of a trace, each beneath its parent, in the order of their beginnings."""
    known = {span["spanID"] for span in trace["spans"]}
    beneath: dict[str, list[Any]] = {}
    for span in sorted(trace["spans"], key=lambda span: span["startTime"]):
        above = (ref["spanID"] for ref in span["references"] if ref["spanID"] in known)
        beneath.setdefault(next(above, ""), []).append(span)
    origin = min(span["startTime"] for span in trace["spans"])

    def walk(parent: str, depth: int) -> Iterator[Row]:
        for span in beneath.get(parent, ()):
            yield Row(
                name=span["operationName"],
                service=trace["processes"][span["processID"]]["serviceName"],
                depth=depth,
                began=(span["startTime"] - origin) / 1000,
                took=span["duration"] / 1000,
                error=_error(span),
            )
            yield from walk(span["spanID"], depth + 1)

    return list(walk("", 0))


def _error(span: Mapping[str, Any]) -> str:
    tags = {tag["key"]: tag["value"] for tag in span["tags"]}
    if tags.get("error") is not True:
        return ""
    # Of an error's type the last name says enough.
    said = str(tags.get("error.type") or tags.get("otel.status_description") or "error")
    return said.rpartition(".")[2]


def svg(spans: Sequence[Row], trace: str, marked: Sequence[str] = ()) -> str:
    """The picture; the first of ``marked`` has the number 1."""
    height = TOP + ROW * len(spans) + 14
    services = list(dict.fromkeys(span.service for span in spans))
    colours = dict(zip(services, COLOURS, strict=False))
    whole = max(span.began + span.took for span in spans)
    numbers = _numbers(spans, marked)
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    font = 'font-family="system-ui, Helvetica, Arial, sans-serif" font-size="13"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        *_head(spans, trace, whole, colours),
        *_scale(whole, height),
    ]
    for index, span in enumerate(spans):
        parts += _line(span, TOP + index * ROW, whole, colours[span.service])
        if index in numbers:
            parts += _number(numbers[index], TOP + index * ROW + ROW / 2)
    return "\n".join([*parts, "</svg>", ""])


def _numbers(spans: Sequence[Row], marked: Sequence[str]) -> dict[int, int]:
    """Index of a span to its number."""
    found: dict[int, int] = {}
    for number, name in enumerate(marked, start=1):
        places = [place for place, span in enumerate(spans) if span.name == name]
        places.sort(key=lambda place: not spans[place].error)
        if not places:
            raise SystemExit(f"No span is called {name!r}.")
        found[places[0]] = number
    return found


def _head(
    spans: Sequence[Row], trace: str, whole: float, colours: Mapping[str, str]
) -> Iterator[str]:
    yield _text(20, 32, spans[0].name, size=18, weight=600)
    failed = sum(bool(span.error) for span in spans)
    facts = [f"trace {trace}", _seconds(whole), f"{len(spans)} spans"]
    yield _text(20, 54, " · ".join([*facts, f"{failed} failed"]), fill=GREY)
    left = float(NAMES)
    for service, colour in colours.items():
        yield f'<rect x="{left}" y="22" width="11" height="11" rx="2" fill="{colour}"/>'
        yield _text(left + 17, 32, service, fill=GREY)
        left += 40 + 7 * len(service)
    yield f'<rect x="{left}" y="22" width="11" height="11" rx="2" fill="{RED}"/>'
    yield _text(left + 17, 32, "failed", fill=GREY)


def _scale(whole: float, height: int) -> Iterator[str]:
    for tick in ticks(whole):
        x = round(NAMES + LINE * tick / whole, 1)
        yield f'<line x1="{x}" y1="{TOP - 8}" x2="{x}" y2="{height - 8}" stroke="{RULE}"/>'
        yield _text(x + 4, TOP - 12, f"{tick:g} ms" if tick else "0", fill=GREY, size=11)


def ticks(whole: float) -> list[float]:
    """Round times, at most six of them, from 0 to ``whole`` milliseconds."""
    power = 10.0 ** math.floor(math.log10(whole))
    step = next(size * power for size in (0.2, 0.25, 0.5, 1.0, 2.0) if whole / size / power < MOST)
    return [number * step for number in range(int(whole / step) + 1)]


def _line(span: Row, top: float, whole: float, colour: str) -> Iterator[str]:
    left, middle = 20 + 14 * span.depth, top + ROW / 2
    if span.error:
        place = f'x="8" y="{top}" width="{WIDTH - 16}" height="{ROW}"'
        yield f'<rect {place} fill="{RED}" opacity=".07"/>'
    for depth in range(span.depth):
        x = 26 + 14 * depth
        yield f'<line x1="{x}" y1="{top}" x2="{x}" y2="{top + ROW}" stroke="{RULE}"/>'
    yield f'<rect x="{left}" y="{top + 5}" width="3" height="{ROW - 10}" fill="{colour}"/>'
    ink, weight = (RED, 600) if span.error else (INK, 400)
    yield _text(left + 9, middle + 4.5, span.name, fill=ink, weight=weight)
    start = NAMES + LINE * span.began / whole
    width = max(2.0, LINE * span.took / whole)
    fill = RED if span.error else colour
    yield (
        f'<rect x="{start:.1f}" y="{top + 6}" width="{width:.1f}" height="{ROW - 12}" rx="2"'
        f' fill="{fill}"/>'
    )
    words = " · ".join(filter(None, (_seconds(span.took), span.error)))
    yield _text(start + width + 6, middle + 4, words, fill=ink if span.error else GREY, size=11)


def _number(number: int, middle: float) -> Iterator[str]:
    x = NAMES - 18
    yield f'<circle cx="{x}" cy="{middle}" r="9" fill="{INK}"/>'
    yield _text(x, middle + 4, str(number), fill="#fff", size=11, weight=600, anchor="middle")


def _text(
    x: float, y: float, words: str, *, fill: str = INK, size: int = 13, weight: int = 400,
    anchor: str = "start",
) -> str:  # fmt: skip
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}" font-size="{size}" font-weight="{weight}"'
        f' text-anchor="{anchor}">{escape(words)}</text>'
    )


def _seconds(milliseconds: float) -> str:
    if milliseconds >= 1000:
        return f"{milliseconds / 1000:.2f} s"
    return f"{milliseconds:.1f} ms" if milliseconds >= 1 else f"{1000 * milliseconds:.0f} µs"


def main(url: str, trace: str, *marked: str) -> None:
    """Write the picture of a trace to standard output."""
    answer = urllib3.request("GET", f"{url}/api/traces/{trace}", timeout=30, retries=False)
    if answer.status != 200:
        raise SystemExit(f"Jaeger has no trace {trace}: it answers {answer.status}.")
    sys.stdout.write(svg(rows(answer.json()["data"][0]), trace, marked))


if __name__ == "__main__":
    main(*sys.argv[1:])
