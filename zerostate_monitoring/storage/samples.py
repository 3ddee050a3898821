"""From rows of the totals to samples, as prometheus_client orders them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import orjson
from prometheus_client.utils import floatToGoString

from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.frames.schema import FamilySchema, SampleKey, Schema
from zerostate_monitoring.storage.publication import TotalFamily

Matrix = npt.NDArray[np.float64]


def has_sum(family: TotalFamily) -> bool:
    """Whether a histogram has a sum: not where observations may be negative."""
    return family.buckets[0] >= 0


def samples_per_row(family: TotalFamily) -> int:
    """How many samples a row makes."""
    if family.type != "histogram":
        return family.width
    return len(family.buckets) + 1 + has_sum(family)


def samples_of(family: TotalFamily, matrix: Matrix) -> Matrix:
    """The values of a family's samples, row by row; buckets add up."""
    if family.type != "histogram" or not len(matrix):
        return matrix.ravel()
    buckets = np.cumsum(matrix[:, :-1], axis=1)
    parts = [buckets, buckets[:, -1:], *([matrix[:, -1:]] if has_sum(family) else [])]
    return np.concatenate(parts, axis=1).ravel()


def schema_of(family: TotalFamily, keys: Sequence[bytes]) -> Schema:
    """The samples of the series with these label keys."""
    suffixes = _suffixes(family)
    samples: list[SampleKey] = []
    for key in keys:
        pairs = tuple(zip(family.labels, orjson.loads(key), strict=True))
        samples += [SampleKey(suffix, _sorted(pairs, extra)) for suffix, extra in suffixes]
    made = FamilySchema(family.name, family.type, family.help, family.unit, tuple(samples))
    return Schema([made] if samples else [])


def _suffixes(family: TotalFamily) -> list[tuple[str, Labels]]:
    if family.type == "counter":
        return [("_total", ())]
    if family.type == "summary":
        return [("_count", ()), ("_sum", ())]
    buckets = [("_bucket", (("le", _bound(b)),)) for b in family.buckets]
    ends = ["_count", *(["_sum"] if has_sum(family) else [])]
    return [*buckets, *((end, ()) for end in ends)]


def _bound(bound: float) -> str:
    text: str = floatToGoString(bound)  # type: ignore[no-untyped-call]
    return text


def _sorted(pairs: Labels, extra: Labels) -> Labels:
    return tuple(sorted((*pairs, *extra)))
