"""A small reader of LogQL: as much as the dashboards ask, put to lines as Loki would have them.

It reads one selector, line filters, ``json``, label filters, ``count_over_time``, ``sum by`` and
``topk``; anything else is an error, and so is what Loki refuses: a selector that nothing need
meet, and numbers of lines that could not be parsed. No Loki is asked.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

MATCH: Final = re.compile(r'\s*(\w+)\s*(=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"\s*,?')
STAGE: Final = re.compile(
    r"\s*(?:(?P<line>\|=|\|~|!=|!~)\s*(?P<text>`[^`]*`|\"(?:[^\"\\]|\\.)*\")"
    r"|\|\s*(?P<json>json)\b"
    r"|\|\s*(?P<label>\w+)\s*(?P<op>=~|!~|!=|=)\s*\"(?P<value>(?:[^\"\\]|\\.)*)\")"
)
AGGREGATE: Final = re.compile(r"sum by \(([\w, ]+)\) \((.*)\)\Z", re.DOTALL)
TOP: Final = re.compile(r"topk\((\d+), (.*)\)\Z", re.DOTALL)
COUNT: Final = re.compile(r"count_over_time\((.*?)\s*\[([\w$]+)\]\)\Z", re.DOTALL)
RESULTS: Final = {
    "=": lambda have, want: have == want,
    "!=": lambda have, want: have != want,
    "=~": lambda have, want: re.fullmatch(want, have) is not None,
    "!~": lambda have, want: re.fullmatch(want, have) is None,
}


class PipelineError(ValueError):
    """Loki answers 400 to such a query."""


@dataclass(frozen=True)
class Line:
    """A line in Loki: labels of its stream, structured metadata, text."""

    stream: Mapping[str, str]
    metadata: Mapping[str, str]
    text: str


@dataclass(frozen=True)
class Query:
    """What a query is made of."""

    stream: Sequence[tuple[str, str, str]]
    stages: Sequence[Mapping[str, str | None]]
    by: tuple[str, ...] = ()
    most: int = 0
    window: str = ""

    @property
    def labels(self) -> set[str]:
        """Labels that are looked at without ``json``, or before it."""
        found = set()
        for stage in self.stages:
            if stage["json"]:
                return found
            if stage["label"]:
                found.add(str(stage["label"]))
        return found | set(self.by)

    @property
    def keys(self) -> set[str]:
        """Labels that are looked at behind ``json``."""
        if not any(stage["json"] for stage in self.stages):
            return set()
        found = {str(stage["label"]) for stage in self.stages if stage["label"]}
        return (found | set(self.by)) - self.labels - {"__error__"}

    def matched(self, lines: Sequence[Line]) -> list[dict[str, str]]:
        """Labels of the lines that meet it."""
        found = (self._labels(line) for line in lines)
        return [labels for labels in found if labels is not None]

    def counted(self, lines: Sequence[Line]) -> Counter[tuple[str, ...]]:
        """How many lines each group has, as ``sum by (count_over_time)`` says.

        Raises:
            PipelineError: a line could not be parsed, and no filter leaves it out.
        """
        found = self.matched(lines)
        for labels in found:
            if labels.get("__error__"):
                raise PipelineError(labels["__error__"])
        counts = Counter(tuple(labels.get(name, "") for name in self.by) for labels in found)
        return Counter(dict(counts.most_common(self.most))) if self.most else counts

    def _labels(self, line: Line) -> dict[str, str] | None:
        labels = {**line.stream, **line.metadata}
        if not all(RESULTS[op](line.stream.get(name, ""), want) for name, op, want in self.stream):
            return None
        for stage in self.stages:
            if stage["json"]:
                labels = {**extracted(line.text), **labels}
            elif stage["line"]:
                if not _has(line.text, stage):
                    return None
            else:
                have = labels.get(str(stage["label"]), "")
                if not RESULTS[str(stage["op"])](have, str(stage["value"])):
                    return None
        return labels


def _has(line: str, stage: Mapping[str, str | None]) -> bool:
    op, text = str(stage["line"]), str(stage["text"])[1:-1]
    found = text in line if op in {"|=", "!="} else re.search(text, line) is not None
    return found if op.startswith("|") else not found


def extracted(text: str) -> dict[str, str]:
    """Labels that ``json`` makes of a line."""
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    return flat(value) if isinstance(value, dict) else {"__error__": "JSONParserErr"}


def flat(value: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Keys as ``json`` makes labels of them; lists are left out."""
    made: dict[str, str] = {}
    for key, one in value.items():
        if isinstance(one, Mapping):
            made |= flat(one, f"{prefix}{key}_")
        elif not isinstance(one, list):
            made[f"{prefix}{key}"] = str(one)
    return made


def parse(text: str) -> Query:
    """A query; ValueError for what is not understood."""
    most, by, window = 0, tuple[str, ...](), ""
    if found := TOP.match(text):
        most, text = int(found[1]), found[2]
    if found := AGGREGATE.match(text):
        by, text = tuple(found[1].replace(" ", "").split(",")), found[2]
        counted = COUNT.match(text)
        if counted is None:
            raise ValueError(text)
        text, window = counted[1], counted[2]
    inside, closed, rest = text.removeprefix("{").partition("}")
    if not text.startswith("{") or not closed:
        raise ValueError(text)
    stream = _all(MATCH, inside)
    if all(RESULTS[op]("", want) for _, op, want in stream):
        raise ValueError(f"a matcher that something must meet is missing: {text}")
    return Query(stream, [m.groupdict() for m in _each(STAGE, rest)], by, most, window)


def _all(pattern: re.Pattern[str], text: str) -> list[Any]:
    return [match.groups() for match in _each(pattern, text)]


def _each(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    found, at = [], 0
    while text[at:].strip():
        match = pattern.match(text, at)
        if match is None:
            raise ValueError(text[at:])
        found.append(match)
        at = match.end()
    return found
