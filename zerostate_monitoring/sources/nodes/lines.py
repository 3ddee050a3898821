"""The syntax of one exposition line: name, labels, value, exemplar, metadata."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from zerostate_monitoring.frames.exemplar import Exemplar, Labels

_QUOTED: Final = r'"((?:[^"\\]++|\\.)*+)"'
_HEAD: Final = re.compile(
    r"[ \t]*+([a-zA-Z_:][a-zA-Z0-9_:]*+)?+[ \t]*+"
    r'(?:\{((?:[^"}]++|"(?:[^"\\]++|\\.)*+")*+)\}[ \t]*+|(?<=[ \t]))'
)
_TERM: Final = re.compile(
    rf"[ \t]*+(?:([a-zA-Z_][a-zA-Z0-9_]*+)|{_QUOTED})[ \t]*+(?:=[ \t]*+{_QUOTED})?+[ \t]*+(?:,|\Z)"
)
_EXEMPLAR: Final = re.compile(r'\{((?:[^"}]++|"(?:[^"\\]++|\\.)*+")*+)\} (\S+)(?: (\S+))?\Z')
_METADATA: Final = r"{0}*#{0}+(HELP|TYPE|UNIT){0}+(?:([a-zA-Z_:][a-zA-Z0-9_:]*)|{1})(?:{0}+(.*))?\Z"
_TEXT_METADATA: Final = re.compile(_METADATA.format(r"(?a:\s)", _QUOTED), re.DOTALL)
_OPENMETRICS_METADATA: Final = re.compile(_METADATA.format(" ", _QUOTED), re.DOTALL)
_NAME: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*\Z")
_LABEL_NAME: Final = re.compile(r"(?!__)[a-zA-Z_][a-zA-Z0-9_]*\Z")
_MAX_EXEMPLAR: Final = 128  # characters of all its labels, by OpenMetrics
_ESCAPED: Final = re.compile(r'\\([\\n"])')
_ESCAPED_HELP: Final = re.compile(r"\\([\\n])")


class Head(NamedTuple):
    """What stands before a value: the sample's name and its labels, sorted by name.

    ``plain`` is false where a name, of the sample or of a label, can only stand in
    quotes: no page of ours may hold it.
    """

    name: str
    labels: Labels
    plain: bool = True


class Metadata(NamedTuple):
    """A HELP, TYPE or UNIT line."""

    word: str
    name: str
    text: str


def split_line(line: str) -> tuple[str, str]:
    """Cut a sample line before its value; the first part keeps the blanks at its end.

    Raises:
        ValueError: there is no name, or the labels do not end.
    """
    found = _HEAD.match(line)
    if found is None:
        raise ValueError("no sample: a name, labels in braces or a blank, and a value are wanted")
    end = found.end()
    return line[:end], line[end:]


def parse_head(head: str) -> Head:
    """Read name and labels from the first part of ``split_line``.

    Raises:
        ValueError: a label is malformed, reserved or stands twice, or there is no name.
    """
    found = _HEAD.match(head)
    if found is None:
        raise ValueError("no sample name")
    name, inner = found.groups()
    labels = parse_labels(inner) if inner else {}
    quoted = labels.pop("__name__", None)
    if (name is None) is (quoted is None):
        raise ValueError("no sample name" if name is None else "two sample names")
    name = name or str(quoted)
    plain = is_plain(name) and all(map(_LABEL_NAME.match, labels))
    return Head(name, tuple(sorted(labels.items())), plain)


def is_plain(name: str) -> bool:
    """Whether a sample or family may have this name without quotes."""
    return _NAME.match(name) is not None


def parse_labels(inner: str) -> dict[str, str]:
    """Read what stands between braces; a lone quoted term is the name, ``__name__``."""
    labels: dict[str, str] = {}
    position = 0
    while position < len(inner) and not inner[position:].isspace():
        term = _TERM.match(inner, position)
        if term is None:
            raise ValueError(f"malformed label after {inner[:position][-60:]!r}")
        _add_label(labels, *term.groups())
        position = term.end()
    return labels


def _add_label(
    labels: dict[str, str], plain: str | None, quoted: str | None, value: str | None
) -> None:
    if value is None:
        if quoted is None:
            raise ValueError(f"label {plain} has no value")
        name, value = "__name__", quoted
    else:
        name = plain if plain is not None else unescape(quoted or "")
    if name in labels:
        raise ValueError(f"label {name} stands twice")
    if name.startswith("__") and name != "__name__":
        raise ValueError(f"label {name} is reserved")
    labels[name] = unescape(value)


def parse_number(text: str) -> float:
    """Read a value as Go writes it; Python's ``1_000`` and other digits are no numbers.

    Raises:
        ValueError: it is not a number.
    """
    if "_" in text or not text.isascii() or text != text.strip():
        raise ValueError(f"{text[:40]!r} is not a number")
    try:
        return float(text)
    except ValueError as error:
        raise ValueError(f"{text[:40]!r} is not a number") from error


def parse_rest(rest: str, *, openmetrics: bool) -> tuple[float, Exemplar | None]:
    """Read value, timestamp (checked, then dropped) and exemplar.

    Raises:
        ValueError: something is no number, or there is more than these.
    """
    exemplar = None
    if openmetrics and " # " in rest:
        rest, _, tail = rest.partition(" # ")
        exemplar = parse_exemplar(tail)
    words = rest.split()
    if not 1 <= len(words) <= 2:
        raise ValueError("no value" if not words else "more than a value and a timestamp")
    for timestamp in words[1:]:
        parse_number(timestamp)
    return parse_number(words[0]), exemplar


def parse_exemplar(text: str) -> Exemplar | None:
    """Read ``{labels} value [timestamp]``; ``None`` for one that no page of ours may hold.

    Raises:
        ValueError: it is malformed.
    """
    found = _EXEMPLAR.match(text)
    if found is None:
        raise ValueError("malformed exemplar")
    inner, value, timestamp = found.groups()
    labels = tuple(sorted(parse_labels(inner).items()))
    at = None if timestamp is None else parse_number(timestamp)
    exemplar = Exemplar(labels, parse_number(value), at)
    plain = all(_LABEL_NAME.match(name) for name, _ in labels)
    short = sum(len(name) + len(text) for name, text in labels) <= _MAX_EXEMPLAR
    return exemplar if plain and short else None


def parse_metadata(line: str, *, openmetrics: bool) -> Metadata | None:
    """Read a comment line; ``None`` for one that says nothing.

    Raises:
        ValueError: TYPE or UNIT without a word after the name.
    """
    found = _OPENMETRICS_METADATA.match(line) if openmetrics else _TEXT_METADATA.match(line.strip())
    if found is None:
        return None
    word, plain, quoted, text = found.groups()
    if word != "HELP" and not text:
        raise ValueError(f"{word} without a value")
    return Metadata(word, plain if plain is not None else unescape(quoted or ""), text or "")


def unescape(text: str) -> str:
    r"""``text`` with ``\\``, ``\n`` and ``\"`` read."""
    return _ESCAPED.sub(_escaped, text) if "\\" in text else text


def unescape_help(text: str, *, openmetrics: bool) -> str:
    """``unescape`` for a help text; in the Prometheus format quotes are not escaped there."""
    return unescape(text) if openmetrics else _ESCAPED_HELP.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return "\n" if found[1] == "n" else found[1]
