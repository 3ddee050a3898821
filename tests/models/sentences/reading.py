"""What rooms say in English, read out of their code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import zerostate_monitoring
from zerostate_monitoring.conf import PREFIX

ROOT: Final = Path(zerostate_monitoring.__file__).parent
HOLE: Final = "\0"
"""Where a value stands."""

_TRANSLATED: Final = frozenset(
    {"_", "_noop", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
)
_PLACE: Final = re.compile(r"%\(\w+\)[-.\d]*[sdfg]|%s")
_SENTENCE: Final = re.compile(r"[A-Za-z)\0]{2,} [a-z\0]{2,}|\0 [a-z]{3,}")


def skeleton(text: str) -> str:
    """A sentence of a catalogue of messages without the names of its places."""
    return _PLACE.sub(HOLE, text).replace("%%", "%").replace(" UTC", "")


@cache
def said_in(place: str) -> frozenset[str]:
    """All texts of the modules at ``place`` (a pattern of paths), values left out."""
    found = set()
    for path in sorted(ROOT.glob(place)):
        found |= {one.replace(" UTC", "") for one in _texts(ast.parse(path.read_text()))}
    assert found, place
    return frozenset(found)


@cache
def marked_in(place: str) -> frozenset[str]:
    """All texts of the modules at ``place`` that go through gettext by themselves."""
    return frozenset(
        skeleton(text)
        for path in sorted(ROOT.glob(place))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and _name(node.func) in _TRANSLATED
        for argument in node.args
        for text in _texts(argument)
    )


def sentences_in(place: str) -> frozenset[str]:
    """Those texts that have several words of a sentence."""
    return frozenset(one for one in said_in(place) if _SENTENCE.search(one))


def _name(node: ast.expr) -> str:
    return str(getattr(node, "id", getattr(node, "attr", "")))


def _texts(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.JoinedStr):
        yield "".join(map(_part, node.values))
        for one in node.values:
            if isinstance(one, ast.FormattedValue):
                yield from _texts(one.value)
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node.value.replace("%s", HOLE)
    elif not _is_silent(node):
        for child in ast.iter_child_nodes(node):
            yield from _texts(child)


def _is_silent(node: ast.AST) -> bool:
    """Docstrings, what is logged, and what goes through gettext by itself."""
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if not isinstance(node, ast.Call):
        return False
    of = getattr(node.func, "value", None)
    return _name(node.func) in _TRANSLATED or getattr(of, "id", "") == "logger"


def _part(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    assert isinstance(node, ast.FormattedValue)
    if _name(node.value) in {"PREFIX", "_PREFIX"}:
        return PREFIX
    spec = node.format_spec.values[-1] if isinstance(node.format_spec, ast.JoinedStr) else None
    share = isinstance(spec, ast.Constant) and str(spec.value).endswith("%")
    return HOLE + ("%" if share else "")
