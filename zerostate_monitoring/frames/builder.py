"""Make a frame sample by sample."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from zerostate_monitoring.exceptions import DefinitionError
from zerostate_monitoring.frames.exemplar import Exemplar, Labels
from zerostate_monitoring.frames.frame import Frame
from zerostate_monitoring.frames.schema import TYPES, FamilySchema, SampleKey, Schema
from zerostate_monitoring.frames.text import encodable

# A colon is for recorded series, which are never exposed.
_NAME: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")


class NewSample(NamedTuple):
    """A sample on its way into a frame."""

    suffix: str
    labels: Mapping[str, str]
    value: float
    exemplar: Exemplar | None = None


class FrameBuilder:
    """Gather samples by family; refuse what could not stand on one page.

    A family that is declared twice must have the same type; a series stands once.
    Label values may be any text: lone surrogates, which no encoding can carry, become
    U+FFFD, so that one broken name does not cost the others.
    """

    def __init__(self) -> None:
        self._families: Final[dict[str, _Family]] = {}

    def declare(self, name: str, kind: str, text: str = "", unit: str = "") -> None:
        """Open the family ``name`` (OpenMetrics name) of type ``kind``.

        Raises:
            DefinitionError: the name or type is none, or another type was declared before.
        """
        if not _is_name(name):
            raise DefinitionError(f"{name!r} is no name for an exposed family")
        if kind not in TYPES:
            raise DefinitionError(f"{name}: unknown type {kind!r}")
        known = self._families.setdefault(name, _Family(kind, text, unit))
        if known.kind != kind:
            raise DefinitionError(f"{name} is declared as {known.kind} and as {kind}")

    def add(
        self,
        name: str,
        labels: Mapping[str, str],
        value: float,
        *,
        suffix: str = "",
        exemplar: Exemplar | None = None,
    ) -> None:
        """Add one sample of the declared family ``name``.

        Raises:
            DefinitionError: a label's name is none, or the series is there already.
        """
        self.add_all(name, [NewSample(suffix, labels, value, exemplar)])

    def add_all(self, name: str, samples: Iterable[NewSample]) -> None:
        """Add samples of the declared family ``name``: all of them, or none.

        Raises:
            DefinitionError: a label's name is none, or a series is there already.
        """
        family = self._families[name]
        fresh: dict[SampleKey, NewSample] = {}
        for sample in samples:
            key = _key(name, sample)
            if key in family.samples or key in fresh:
                raise DefinitionError(f"{name}{key.suffix}{dict(key.labels)} stands twice")
            fresh[key] = sample
        for key, sample in fresh.items():
            family.samples[key] = float(sample.value)
            if sample.exemplar is not None:
                family.exemplars[key] = sample.exemplar

    def build(self, at: float, labels: Labels = ()) -> Frame:
        """The frame of all samples so far, with ``labels`` on every one."""
        filled = {name: family for name, family in self._families.items() if family.samples}
        schema = Schema(
            FamilySchema(name, f.kind, f.text, f.unit, tuple(f.samples))
            for name, f in filled.items()
        )
        values = [value for family in filled.values() for value in family.samples.values()]
        return Frame(schema, np.array(values, dtype=np.float64), at, labels, self._exemplars())

    def _exemplars(self) -> dict[int, Exemplar]:
        keys = [(f, key) for f in self._families.values() for key in f.samples]
        return {i: f.exemplars[key] for i, (f, key) in enumerate(keys) if key in f.exemplars}


class _Family:
    __slots__ = ("exemplars", "kind", "samples", "text", "unit")

    def __init__(self, kind: str, text: str, unit: str) -> None:
        self.kind = kind
        self.text = text
        self.unit = unit
        self.samples: dict[SampleKey, float] = {}
        self.exemplars: dict[SampleKey, Exemplar] = {}


def _key(name: str, sample: NewSample) -> SampleKey:
    if sample.suffix and not _is_name(name + sample.suffix):
        raise DefinitionError(f"{name + sample.suffix!r} is no name for an exposed sample")
    key = SampleKey(sample.suffix, clean(sample.labels))
    for label, _ in key.labels:
        if not _is_name(label):
            raise DefinitionError(f"{name}: {label!r} is no label name")
    return key


@lru_cache(maxsize=4096)
def _is_name(name: str) -> bool:
    return _NAME.match(name) is not None


def clean(labels: Mapping[str, str]) -> Labels:
    """Label pairs sorted by name, each value encodable as UTF-8."""
    return tuple(sorted((name, encodable(str(value))) for name, value in labels.items()))
