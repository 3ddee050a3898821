"""What is said at the end about the queries that were compared."""

from __future__ import annotations

from tests.promql.answers import Answer, Ask
from tests.promql.tally import Tally


def test_tally__counts_what_is_excused_apart():
    """It is not among those that were compared."""
    tally = Tally()
    tally.compared(Ask("sum(up)", 0, 0), Answer("vector"))
    tally.excused["ties"] += 2
    assert tally.total == 1
    assert str(tally).startswith(
        "1 queries compared: 1 instant\n    2 that differ are excused: 2: ties"
    )
