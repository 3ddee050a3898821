"""Every event that this app logs, with its level and keys, read from the source.

``python -m tests.logs.events`` prints the table of docs/logs.md.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGE: Final = ROOT / "zerostate_monitoring"
LEVELS: Final = ("debug", "info", "warning", "error", "exception", "critical")


def events() -> list[tuple[str, str, str, str]]:
    """Event, level, room, keys as they stand in ``extra`` or beside the event."""
    found = {
        row
        for path in sorted(PACKAGE.rglob("*.py"))
        for row in _of(path, ast.parse(path.read_text()))
    }
    return sorted(found)


def _of(path: Path, tree: ast.AST) -> Iterator[tuple[str, str, str, str]]:
    room = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            known = _assigned(function)
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and (found := _event(node)):
                    yield *found, room.removesuffix(".__init__"), _keys(node, known)


def _assigned(function: ast.AST) -> dict[str, ast.Dict]:
    """Names to which a function assigns a dictionary."""
    return {
        target.id: node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _event(node: ast.Call) -> tuple[str, str] | None:
    """Event and level of a call of a logger; None for every other call."""
    if not isinstance(node.func, ast.Attribute) or not isinstance(node.func.value, ast.Name):
        return None
    method, place = node.func.attr, 1 if node.func.attr == "log" else 0
    is_logging = node.func.value.id in {"logger", "_logger"} and method in {*LEVELS, "log"}
    if not is_logging or len(node.args) <= place:
        return None
    event = node.args[place]
    if not isinstance(event, ast.Constant) or not re.fullmatch(r"[a-z0-9_]+", str(event.value)):
        return None
    return str(event.value), {"exception": "error", "log": "as it is"}.get(method, method)


def _keys(node: ast.Call, known: dict[str, ast.Dict]) -> str:
    names: list[str] = []
    for keyword in node.keywords:
        value: ast.AST | None = keyword.value
        if keyword.arg != "extra":
            names += [keyword.arg] if keyword.arg not in {"exc_info", "stack_info", None} else []
            continue
        if isinstance(value, ast.Name):
            value = known.get(value.id)
        keys = value.keys if isinstance(value, ast.Dict) else [None]
        names += [str(key.value) if isinstance(key, ast.Constant) else "…" for key in keys]
    return ", ".join(f"`{name}`" if name != "…" else name for name in names)


def table() -> str:
    """Markdown."""
    head = [
        "| event | level | logger `zerostate_monitoring.` | keys |",
        "| --- | --- | --- | --- |",
    ]
    rows = [f"| `{event}` | {level} | {room} | {keys} |" for event, level, room, keys in events()]
    return "\n".join([*head, *rows])


if __name__ == "__main__":
    sys.stdout.write(f"{table()}\n")
