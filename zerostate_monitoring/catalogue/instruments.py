"""Definitions become the instruments of prometheus_client."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Summary

from zerostate_monitoring.catalogue.definition import Definition, Kind

Instrument = Counter | Gauge | Histogram | Summary


def instrument(definition: Definition, registry: CollectorRegistry) -> Instrument:
    """Make the instrument of ``definition`` and register it with ``registry``.

    A counter has its known series from the start, at 0.

    Raises:
        ValueError: ``registry`` has a family of that name already.
    """
    name, text, labels = definition.name, definition.help, definition.labels
    match definition.kind:
        case Kind.COUNTER:
            return _started(Counter(name, text, labels, registry=registry), definition)
        case Kind.GAUGE:
            return Gauge(name, text, labels, registry=registry)
        case Kind.HISTOGRAM:
            return Histogram(name, text, labels, registry=registry, buckets=definition.buckets)
        case Kind.SUMMARY:
            return Summary(name, text, labels, registry=registry)


def _started(counter: Counter, definition: Definition) -> Counter:
    for values in definition.known_series:
        if values:
            counter.labels(*values)
    return counter
