"""Names in an expression that nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.rules.lint import metrics_of

_OURS: Final = "zerostate_"
_NEAR: Final = 0.8


def unknown_names(expr: str) -> Iterator[tuple[str, str]]:
    """Names of our families that the catalogue lacks, each with the one that may be meant.

    Names of others, and what rules record, may be there without it.
    """
    known = [definition.name for definition in CATALOGUE]
    for name in sorted(metrics_of(expr)):
        if name.startswith(_OURS) and ":" not in name and CATALOGUE.find(name) is None:
            yield name, next(iter(get_close_matches(name, known, 1, _NEAR)), "")
