"""YAML as a tree with line numbers, and its parts as what they should be.

Texts are taken as they are written, as Prometheus's reader does: ``severity: 1`` is the text
``1``, whatever version of YAML would make of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, Final, TypeVar

import yaml

from zerostate_monitoring.exceptions import DurationError, RuleFileError
from zerostate_monitoring.rules.durations import parse_duration

MAX_SIZE: Final = 2 * 1024 * 1024
"""Characters of a file."""
MAX_DEPTH: Final = 20
MAX_ITEMS: Final = 20_000
"""Items of all lists of a file; one that is repeated by an alias counts each time."""

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN_TAGS: Final = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "timestamp", "value")
)
_NULL: Final = "tag:yaml.org,2002:null"
_MERGE: Final = "tag:yaml.org,2002:merge"
_INTEGER: Final = re.compile(r"[0-9]{1,18}")

T = TypeVar("T")


class Reading:
    """One file being read; what is wrong with it is collected."""

    def __init__(self, text: str) -> None:
        self._text: Final = text
        self._items = 0
        self._faults: Final[list[tuple[int, str]]] = []

    def fault(self, node: Any, where: str, reason: str) -> None:
        """Note what is wrong at ``node``."""
        self.fault_at(node.start_mark.line + 1, where, reason)

    def fault_at(self, line: int, where: str, reason: str) -> None:
        """Note what is wrong in a line, counted from 1."""
        place = f"{where}: " if where else ""
        self._faults.append((line, f"line {line}: {place}{reason}"))

    def done(self) -> None:
        """Raise a RuleFileError with all that is wrong, in the order of lines."""
        if self._faults:
            raise RuleFileError([fault for _, fault in sorted(self._faults)])

    def count(self, node: Any) -> None:
        """Count an item of a list at ``node``.

        Raises:
            RuleFileError: it is one too many.
        """
        self._items += 1
        if self._items > MAX_ITEMS:
            line = node.start_mark.line + 1
            raise RuleFileError([f"line {line}: A file may have {MAX_ITEMS:,} items."])

    def document(self) -> Any:
        """The node of the file's one document; ``None`` where there is none.

        Raises:
            RuleFileError: it is no YAML, more than one document, too large or nested too deep.
        """
        if len(self._text) > MAX_SIZE:
            raise RuleFileError([f"A file of rules may have {MAX_SIZE:,} characters."])
        try:
            self._check_depth()
            return yaml.compose(self._text, Loader=_LOADER)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = f"line {mark.line + 1}: " if mark else ""
            raise RuleFileError([f"{line}This is no YAML: {error.problem}."]) from error
        except yaml.YAMLError as error:
            raise RuleFileError([f"This is no YAML: {' '.join(str(error).split())}."]) from error

    def _check_depth(self) -> None:
        depth = documents = 0
        for event in yaml.parse(self._text, Loader=_LOADER):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            documents += isinstance(event, yaml.DocumentStartEvent)
            line = event.start_mark.line + 1 if event.start_mark else 1
            if depth > MAX_DEPTH:
                raise RuleFileError([f"line {line}: This is nested too deep for rules."])
            if documents > 1:
                raise RuleFileError([f"line {line}: A second document cannot stand in the file."])


class Fields:
    """A mapping whose keys are known one by one; ``where`` is the path to it."""

    def __init__(self, reading: Reading, node: Any, where: str) -> None:
        self.reading: Final = reading
        self.node: Final = node
        self.where: Final = where
        self.lines: Final[dict[str, int]] = {}
        self._left: Final = dict(_entries(reading, node, where))
        for key, value in self._left.items():
            self.lines[key] = value.start_mark.line + 1

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def path(self, key: str) -> str:
        """The path to a field."""
        return f"{self.where}.{key}" if self.where else key

    def fault(self, key: str, reason: str) -> None:
        """Note what is wrong with a field, or with the whole where it has no such field."""
        line = self.lines.get(key, self.node.start_mark.line + 1)
        self.reading.fault_at(line, self.path(key), reason)

    def done(self) -> None:
        """Note the fields that nobody has asked for."""
        for key, node in self._left.items():
            self.reading.fault(node, self.path(key), "There is no such field.")

    def drop(self, key: str) -> None:
        """The field is dealt with, whatever stands in it."""
        self._left.pop(key, None)

    def take(self, key: str, convert: Callable[[Reading, Any, str], T], default: T) -> T:
        """A field as ``convert`` reads it; ``default`` where it is missing or null."""
        node = self._left.pop(key, None)
        if node is None or _is_null(node):
            return default
        return convert(self.reading, node, self.path(key))

    def text(self, key: str, default: str = "") -> str:
        """A field that is a text."""
        return self.take(key, text_of, default)

    def texts(self, key: str) -> Mapping[str, str]:
        """A field that is a mapping of texts."""
        return self.take(key, texts_of, {})

    def duration(self, key: str) -> timedelta | None:
        """A field that is a duration; ``None`` where it is missing."""
        return self.take(key, _duration_of, None)

    def integer(self, key: str) -> int:
        """A field that is a number from 0 on."""
        return self.take(key, _integer_of, 0)

    def items(self, key: str) -> list[tuple[str, Any]]:
        """The paths and nodes of a field that is a list."""
        return self.take(key, _items_of, [])


def _is_null(node: Any) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == _NULL


def _entries(reading: Reading, node: Any, where: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(node, yaml.MappingNode):
        reading.fault(node, where, "A mapping is expected here.")
        return
    seen: set[str] = set()
    for key, value in node.value:
        if key.tag == _MERGE:
            reading.fault(key, where, "Merge keys (<<) are not read; write the fields out.")
            continue
        name = text_of(reading, key, where)
        if name in seen:
            reading.fault(key, where, f"The field “{name}” stands twice.")
        seen.add(name)
        yield name, value


def text_of(reading: Reading, node: Any, where: str) -> str:
    """The text of a scalar, as it is written."""
    if not isinstance(node, yaml.ScalarNode):
        reading.fault(node, where, "A text is expected here.")
        return ""
    if node.tag == _NULL:
        return ""
    if node.tag not in _PLAIN_TAGS:
        reading.fault(node, where, f"The tag {node.tag} has no place here.")
    return str(node.value)


def texts_of(reading: Reading, node: Any, where: str) -> Mapping[str, str]:
    """A mapping of texts."""
    return {
        name: text_of(reading, value, f"{where}.{name}")
        for name, value in _entries(reading, node, where)
    }


def _duration_of(reading: Reading, node: Any, where: str) -> timedelta | None:
    try:
        return parse_duration(text_of(reading, node, where))
    except DurationError as error:
        reading.fault(node, where, str(error))
        return None


def _integer_of(reading: Reading, node: Any, where: str) -> int:
    text = text_of(reading, node, where)
    if _INTEGER.fullmatch(text):
        return int(text)
    reading.fault(node, where, "A number from 0 on is expected here.")
    return 0


def _items_of(reading: Reading, node: Any, where: str) -> list[tuple[str, Any]]:
    if not isinstance(node, yaml.SequenceNode):
        reading.fault(node, where, "A list is expected here.")
        return []
    for item in node.value:
        reading.count(item)
    return [(f"{where}[{place}]", item) for place, item in enumerate(node.value)]
