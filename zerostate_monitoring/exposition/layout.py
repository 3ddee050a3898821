"""The text of a schema: everything on its lines but the values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from zerostate_monitoring.exceptions import FrameError
from zerostate_monitoring.exposition.numbers import spell
from zerostate_monitoring.frames.exemplar import Exemplar, Labels
from zerostate_monitoring.frames.schema import FamilySchema, Schema

_TEXT_TYPES: Final = {"info": "gauge", "stateset": "gauge", "unknown": "untyped"}
_TEXT_SUFFIXES: Final = {"counter": "_total", "info": "_info"}
_NAME: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z")
CUMULATIVE: Final = frozenset({"counter", "histogram", "summary"})


@dataclass(frozen=True, slots=True)
class FamilyLayout:
    """One family of a layout.

    ``template`` holds its lines with ``%b`` in place of each value: one object for the
    whole family, because the heads of 100,000 lines by themselves weigh twice as much.
    """

    name: str
    type: str
    help: str
    unit: str
    suffixes: tuple[str, ...]
    start: int
    end: int
    template: bytes

    @property
    def size(self) -> int:
        """Number of lines."""
        return self.end - self.start

    @property
    def sample_names(self) -> list[str]:
        """The names of its samples."""
        return [self.name + suffix for suffix in self.suffixes]

    @property
    def lines(self) -> list[bytes]:
        """The lines as they stand in the template."""
        return self.template.split(b"\n")[:-1]

    def exemplary(self, indexes: Iterable[int]) -> list[int]:
        """Those of ``indexes`` at which OpenMetrics allows an exemplar: totals and buckets."""
        if self.type not in {"counter", "histogram"}:
            return []
        mine = [index for index in indexes if self.start <= index < self.end]
        if self.type == "counter" or not mine:
            return mine
        lines, bucket = self.lines, f"{self.name}_bucket{{".encode()
        return [index for index in mine if lines[index - self.start].startswith(bucket)]

    def render(self, texts: list[bytes], first: int = 0) -> bytes:
        """The family's lines; the text of the frame's first value is the ``first``-th."""
        return self.template % tuple(texts[first + self.start : first + self.end])


class Layout:
    """The lines of one schema under one set of constant labels.

    Raises:
        FrameError: a name is none, or a label would stand twice on a line. Whoever wrote
            the frame should have refused it; here it would spoil the page for all.
    """

    def __init__(self, schema: Schema, labels: Labels) -> None:
        for family in schema.families:
            _check(family, labels)
        self.families: Final = tuple(_families(schema, labels))

    def render(self, texts: list[bytes], first: int = 0) -> list[bytes]:
        """The lines of each family, in the schema's order; ``texts`` from ``first`` on."""
        return [family.render(texts, first) for family in self.families]

    def render_with_exemplars(
        self, exemplars: Mapping[int, Exemplar], texts: list[bytes], first: int = 0
    ) -> list[bytes]:
        """The same with exemplars, which only OpenMetrics can carry."""
        own = texts[first : first + sum(family.size for family in self.families)]
        for family in self.families:
            for index in family.exemplary(exemplars):
                if _may_stand(exemplars[index]):
                    own[index] += _exemplar(exemplars[index])
        return self.render(own)


def _check(family: FamilySchema, constant: Labels) -> None:
    fixed = tuple(name for name, _ in constant)
    suffixes = {key.suffix for key in family.samples}
    sets = {tuple([name for name, _ in key.labels]) for key in family.samples}
    names = {family.name + suffix for suffix in suffixes} | {*fixed}.union(*sets)
    strange = sorted(name for name in names if not _NAME.match(name))
    if strange:
        raise FrameError(f"{family.name}: {strange[0]!r} is no name")
    for own in sets:
        if len({*own, *fixed}) != len(own) + len(fixed):
            raise FrameError(f"{family.name}: a label stands twice among {[*own, *fixed]}")


def _families(schema: Schema, labels: Labels) -> Iterator[FamilyLayout]:
    start = 0
    for family in schema.families:
        end = start + len(family.samples)
        yield FamilyLayout(
            family.name,
            family.type,
            family.help,
            family.unit,
            tuple(dict.fromkeys([key.suffix for key in family.samples])),
            start,
            end,
            _template(family, labels),
        )
        start = end


def _template(family: FamilySchema, constant: Labels) -> bytes:
    lines = []
    for key in family.samples:
        labels = sorted((*key.labels, *constant)) if constant else key.labels
        braces = f"{{{','.join([_pair(*pair) for pair in labels])}}}" if labels else ""
        lines.append(f"{family.name}{key.suffix}{braces} ".replace("%", "%%"))
    return "%b\n".join([*lines, ""]).encode()


# The labels of a node stand on each of its lines, and buckets on many.
@lru_cache(maxsize=4096)
def _pair(name: str, value: str) -> str:
    return f'{name}="{escape(value)}"'


def escape(value: str) -> str:
    """A label value as it stands between quotes."""
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def text_header(family: FamilyLayout) -> bytes:
    """``# HELP`` and ``# TYPE`` of the Prometheus text format."""
    name = family.name + _TEXT_SUFFIXES.get(family.type, "")
    kind = _TEXT_TYPES.get(family.type, family.type)
    text = family.help.replace("\\", r"\\").replace("\n", r"\n")
    return f"# HELP {name} {text}\n# TYPE {name} {kind}\n".encode()


def openmetrics_header(family: FamilyLayout) -> bytes:
    """``# HELP``, ``# TYPE`` and, where there is one, ``# UNIT`` of OpenMetrics."""
    unit = f"# UNIT {family.name} {family.unit}\n" if family.unit else ""
    name = family.name
    return f"# HELP {name} {escape(family.help)}\n# TYPE {name} {family.type}\n{unit}".encode()


def _exemplar(exemplar: Exemplar) -> bytes:
    labels = ",".join([f'{name}="{escape(value)}"' for name, value in exemplar.labels])
    value, *time = spell(np.array([v for v in exemplar[1:] if v is not None]))
    return b" # " + b" ".join([f"{{{labels}}}".encode(), value, *time])


def _may_stand(exemplar: Exemplar) -> bool:
    return all(_NAME.match(name) for name, _ in exemplar.labels)
