"""What the app itself says of a node, as a frame."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from zerostate_monitoring.catalogue.nodes import (
    NODE_HEALTHY,
    NODE_SCRAPE_DURATION,
    NODE_SCRAPE_ERROR,
    NODE_SCRAPE_SAMPLES,
    NODE_UP,
)
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.frames.frame import Frame
from zerostate_monitoring.frames.schema import FamilySchema, SampleKey, Schema


def own_frame(
    labels: Labels,
    *,
    at: float,
    up: bool,
    duration: float,
    samples: int,
    healthy: Mapping[str, bool],
    error: str = "",
) -> Frame:
    """What the app itself says of a node; ``error`` is the kind of what went wrong."""
    checks = tuple(sorted(healthy))
    values = [float(up), duration, float(samples), *(float(healthy[check]) for check in checks)]
    if error:
        values.append(1.0)
    return Frame(_own_schema(checks, error), np.array(values, dtype=np.float64), at, labels)


@lru_cache(maxsize=64)
def _own_schema(checks: tuple[str, ...], error: str) -> Schema:
    plain = (SampleKey("", ()),)
    by_error = (SampleKey("", (("error", error),)),) if error else ()
    by_check = tuple(SampleKey("", (("check", check),)) for check in checks)
    families = (
        (NODE_UP, plain),
        (NODE_SCRAPE_DURATION, plain),
        (NODE_SCRAPE_SAMPLES, plain),
        (NODE_HEALTHY, by_check),
        (NODE_SCRAPE_ERROR, by_error),
    )
    return Schema(
        FamilySchema(d.family, d.kind.value, d.help, d.unit, keys) for d, keys in families if keys
    )


def joined(first: Frame, second: Frame, schema: Schema | None = None) -> Frame:
    """One frame of two that share no family; time and labels are those of the first.

    ``schema`` is that of both, where the caller knows it.
    """
    schema = schema or _joined_schema(first.schema, second.schema)
    shift = first.schema.size
    exemplars = dict(first.exemplars)
    exemplars.update({index + shift: e for index, e in second.exemplars.items()})
    values = np.concatenate((first.values, second.values))
    return Frame(schema, values, first.at, first.labels, exemplars)


@lru_cache(maxsize=256)
def _joined_schema(first: Schema, second: Schema) -> Schema:
    """Of what the app says itself; both are small, whatever a node does."""
    return Schema((*first.families, *second.families))
