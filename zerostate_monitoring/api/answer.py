"""What an endpoint gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint gives: any JSON, and what is to be said about it."""

    data: Any
    warnings: Sequence[str] = ()
    infos: Sequence[str] = ()
