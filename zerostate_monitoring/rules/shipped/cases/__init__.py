"""The tests of the built-in rules: quiet before, firing, quiet after, and what is too little."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from zerostate_monitoring.rules.shipped.cases import (
    economy,
    execution,
    monitoring,
    objectives,
    p2p,
    service,
)
from zerostate_monitoring.rules.shipped.definition import Case

CASES: Final[Mapping[str, tuple[Case, ...]]] = {
    name: cases
    for room in (p2p, execution, economy, objectives, service, monitoring)
    for name, cases in room.CASES.items()
}
"""Name of the rule to its tests."""
