"""PromQL over any data: ``parse`` a text, give an ``Engine`` a storage, and ask.

The names below are loaded at their first use: whoever needs a light module of this room
alone (the parser, the printer) loads no numpy.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from zerostate_monitoring.promql.engine import Engine
    from zerostate_monitoring.promql.memory import MemoryStorage
    from zerostate_monitoring.promql.query import Query, parse
    from zerostate_monitoring.promql.steps import Limits

__all__ = ("Engine", "Limits", "MemoryStorage", "Query", "parse")

_MODULES: Final = {
    "Engine": "engine",
    "Limits": "steps",
    "MemoryStorage": "memory",
    "Query": "query",
    "parse": "query",
}


if not TYPE_CHECKING:  # A name that is misspelt stays an error of types.

    def __getattr__(name: str) -> object:
        """Load a name of ``__all__``."""
        module = _MODULES.get(name)
        if module is None:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{module}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
