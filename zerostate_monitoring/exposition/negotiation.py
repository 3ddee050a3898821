"""Which format and encoding a scraper gets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from zerostate_monitoring.exposition.page import Format

CONTENT_TYPES: Final[Mapping[Format, str]] = {
    Format.TEXT: "text/plain; version=0.0.4; charset=utf-8",
    Format.OPENMETRICS: "application/openmetrics-text; version=1.0.0; charset=utf-8",
}


class _Range(NamedTuple):
    kind: str
    parameters: Mapping[str, str]
    quality: float


def negotiate(accept: str) -> Format:
    """The format that the ``Accept`` header wants most; text where it does not say.

    OpenMetrics is given only where it is asked for by name and in a version that we
    speak (1.0.0, or none stated).
    """
    best, quality = Format.TEXT, 0.0
    for item in _ranges(accept):
        offered = _offered(item)
        if offered is not None and item.quality > quality:
            best, quality = offered, item.quality
    return best


def _offered(item: _Range) -> Format | None:
    version = item.parameters.get("version", "")
    if item.kind == "application/openmetrics-text" and version in {"", "1.0.0"}:
        return Format.OPENMETRICS
    if item.kind in {"text/plain", "text/*", "*/*"}:
        return Format.TEXT
    return None


def _ranges(accept: str) -> Iterator[_Range]:
    for item in accept.split(","):
        kind, *rest = (part.strip() for part in item.split(";"))
        pairs = (part.partition("=") for part in rest)
        parameters = {name.strip().lower(): value.strip(' "') for name, _, value in pairs}
        yield _Range(kind.lower(), parameters, _quality(parameters.get("q", "1")))


def _quality(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text)))
    except ValueError:
        return 0.0


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether the ``Accept-Encoding`` header allows gzip; ``*`` is for what it does not name."""
    said = {item.kind: item.quality for item in _ranges(accept_encoding)}
    return said.get("gzip", said.get("*", 0.0)) > 0
