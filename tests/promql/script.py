"""Prometheus's test scripts: the text becomes commands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from tests.promql.sequences import ScriptError, Value, number, series, unquoted
from zerostate_monitoring.frames.exemplar import Labels

_UNITS: Final = {
    "y": 365 * 86_400_000,
    "w": 7 * 86_400_000,
    "d": 86_400_000,
    "h": 3_600_000,
    "m": 60_000,
    "s": 1000,
    "ms": 1,
}
_PART: Final = re.compile(r"([0-9]+)(ms|[ywdhms])")
_INSTANT: Final = re.compile(r"eval(?:_(\w+))?\s+instant\s+at\s+(\S+)\s+(.+)")
_RANGE: Final = re.compile(
    r"eval(?:_(\w+))?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.+)"
)
_EXPECT: Final = re.compile(
    r"expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?$"
)
_EXPECT_RANGE: Final = re.compile(r"expect range vector\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)")
_LOAD: Final = re.compile(r"load(_with_nhcb)?\s+(\S+)$")


def duration(text: str) -> int:
    """Milliseconds of ``1m30s``."""
    if text == "0":
        return 0
    parts = _PART.findall(text)
    if not parts or "".join(size + unit for size, unit in parts) != text:
        raise ScriptError(f"no duration: {text!r}")
    return sum(int(size) * _UNITS[unit] for size, unit in parts)


@dataclass(frozen=True, slots=True)
class Clear:
    """Forget all data."""


@dataclass(frozen=True, slots=True)
class Load:
    """Samples at 0, step, 2 * step ..."""

    step_ms: int
    series: tuple[tuple[Labels, list[Value]], ...]
    natives_of_classic: bool = False
    with_starts: tuple[Labels, ...] = ()
    """Series whose samples say when their counter began."""


@dataclass(frozen=True, slots=True)
class Expected:
    """One ``expect`` line; ``how`` is empty where anything of its kind will do."""

    how: Literal["", "msg", "regex"]
    text: str

    def meets(self, said: str) -> bool:
        """Whether this is what was said."""
        if self.how == "regex":
            return re.search(self.text, said) is not None
        return self.how == "" or said == self.text


@dataclass(slots=True)
class Eval:
    """One query with what is expected of it."""

    line: int
    text: str
    start_ms: int
    end_ms: int
    step_ms: int
    is_range: bool
    expects: dict[str, list[Expected]] = field(default_factory=dict)
    scalar: float | None = None
    string: str | None = None
    series: dict[Labels, tuple[int, list[Value]]] = field(default_factory=dict)
    """Position, counted from 1, and values."""
    gives_matrix: bool = False

    def wants(self, kind: str) -> bool:
        """Whether there is an ``expect`` line of this kind."""
        return kind in self.expects


Command = Clear | Load | Eval


def commands(text: str) -> Iterator[Command]:
    """The commands of a script, in order."""
    lines = [_stripped(line) for line in text.split("\n")]
    place = 0
    while place < len(lines):
        line = lines[place]
        first = place
        place += 1
        if not line:
            continue
        if line == "clear":
            yield Clear()
            continue
        body: list[str] = []
        while place < len(lines) and lines[place]:
            body.append(lines[place])
            place += 1
        if line.startswith("load"):
            yield _load(line, body)
            continue
        case, used = _eval(line, body, first + 1)
        place -= len(body) - used
        yield case


def _stripped(line: str) -> str:
    line = line.strip()
    return "" if line.startswith("#") else line


def _load(line: str, body: Sequence[str]) -> Load:
    match = _LOAD.match(line)
    if match is None:
        raise ScriptError(f"no load: {line!r}")
    starts = [series(row.partition("@st")[0])[0] for row in body if "@st" in row]
    return Load(
        duration(match[2]),
        tuple(series(row) for row in body if "@st" not in row),
        natives_of_classic=bool(match[1]),
        with_starts=tuple(starts),
    )


def _eval(line: str, body: Sequence[str], number_of_line: int) -> tuple[Eval, int]:
    if match := _INSTANT.match(line):
        word, at, text = match.groups()
        case = Eval(number_of_line, text, duration(at), duration(at), 0, is_range=False)
    elif match := _RANGE.match(line):
        word, start, end, step, text = match.groups()
        ends = (duration(start), duration(end), duration(step))
        case = Eval(number_of_line, text, *ends, is_range=True)
    else:
        raise ScriptError(f"line {number_of_line}: no evaluation: {line!r}")
    if word:
        case.expects[word] = [Expected("", "")]
    position = 0
    for used, row in enumerate(body, 1):
        if _ends(case, row):
            return case, used
        if not _expectation(case, row):
            position += 1
            labels, found = series(row)
            case.series[labels] = (position, found)
    return case, len(body)


def _ends(case: Eval, row: str) -> bool:
    """A number alone, or the old way of naming an error, is the last line."""
    if row.startswith("expected_fail_"):
        how, _, text = row.removeprefix("expected_fail_").partition(" ")
        case.expects["fail"] = [Expected("msg" if how == "message" else "regex", text.strip())]
        return True
    try:
        case.scalar = number(row)
    except ValueError:
        return False
    return True


def _expectation(case: Eval, row: str) -> bool:
    if row.split(None, 1)[0] != "expect":
        return False
    if row.startswith("expect string"):
        case.string = unquoted(row.removeprefix("expect string").strip())
    elif match := _EXPECT_RANGE.match(row):
        case.start_ms, case.end_ms, case.step_ms = (duration(part) for part in match.groups())
        case.gives_matrix = True
    elif match := _EXPECT.match(row):
        kind, how, text = match.groups()
        said = Expected(how or "", (text or "").strip())  # type: ignore[arg-type]
        case.expects.setdefault(kind, []).append(said)
    else:
        raise ScriptError(f"line {case.line}: not understood: {row!r}")
    return True
