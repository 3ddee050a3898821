"""What rules see beyond what is stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.alerting.evaluation.harness import labels_of
from zerostate_monitoring.alerting.evaluation.overlay import Overlay
from zerostate_monitoring.exceptions import QueryError, StoreUnavailableError
from zerostate_monitoring.promql.data import Vector
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.memory import MemoryStorage
from zerostate_monitoring.promql.query import parse

AT = 60_000
A, B = labels_of("a", x="1"), labels_of("a", x="2")


class Away:
    """A storage that does not answer, and counts who tries."""

    def __init__(self) -> None:
        self.asked = 0

    def select(self, *_: Any) -> Any:
        self.asked += 1
        raise StoreUnavailableError("no answer")


def over(*series: tuple[Any, Sequence[int], Sequence[float]], **known: float) -> Overlay:
    return Overlay(MemoryStorage(series), AT, known)


def ask(overlay: Overlay, text: str, at_ms: int = AT) -> dict[str, float]:
    result = Engine(overlay).instant(parse(text), at_ms).value
    assert isinstance(result, Vector)
    return {dict(one.labels).get("x", ""): one.value for one in result.samples}


def test_overlay__without_anything_is_what_is_beneath() -> None:
    """The very same blocks, so that what is known of their series is known again."""
    base = MemoryStorage([(A, [AT], [1.0])])
    matchers = parse("a").selectors[0].selector.matchers
    whole = base.select(matchers, 0, AT)
    assert Overlay(base, AT, {}).select(matchers, 0, AT)[0] is whole[0]


def test_samples__join_the_series_that_they_continue() -> None:
    """The others of its block stay as they are."""
    overlay = over((A, [0, 30_000], [1.0, 2.0]), (B, [0, 30_000], [5.0, 6.0]))
    overlay.add([(A, 3.0)])
    assert ask(overlay, "a") == {"1": 3, "2": 6}
    assert ask(overlay, "count_over_time(a[61s])") == {"1": 3, "2": 2}
    assert ask(overlay, "a", AT - 1) == {"1": 2, "2": 6}


def test_samples__that_are_new_stand_beside_the_others() -> None:
    """Also where nothing is stored at all."""
    overlay = over((A, [AT], [1.0]))
    overlay.add([(B, 3.0), (labels_of("c"), 4.0)])
    assert ask(overlay, "a") == {"1": 1, "2": 3}
    assert ask(overlay, 'a{x="2"}') == {"2": 3}
    assert ask(overlay, '{__name__=~"c"}') == {"": 4}


def test_samples__of_this_instant_replace_those_that_are_stored() -> None:
    """A row of that time is not made twice."""
    overlay = over((A, [0, AT, AT + 1], [1.0, 2.0, 9.0]), (B, [0, AT, AT + 1], [1.0, 2.0, 9.0]))
    overlay.add([(A, 7.0)])
    assert ask(overlay, "a") == {"1": 7, "2": 2}
    assert ask(overlay, "a", AT + 1) == {"1": 9, "2": 9}


def test_rewritten__names_end_where_they_are_not_written() -> None:
    """At the instant, and not before it; a series that is named ends alone."""
    overlay = over((A, [30_000], [1.0]), (B, [30_000], [2.0]))
    overlay.add([(A, 3.0)], rewritten=["a"])
    assert ask(overlay, "a") == {"1": 3}
    assert ask(overlay, "a", AT - 1) == {"1": 1, "2": 2}
    other = over((A, [30_000], [1.0]), (B, [30_000], [2.0]))
    other.add([], ended=[A])
    assert ask(other, "a") == {"2": 2}


def test_known__series_need_no_storage() -> None:
    """Whoever asks for others is told why there are none, without another try."""
    base = Away()
    overlay = Overlay(base, AT, {"store_up": 0.0})
    assert ask(overlay, "store_up == 0") == {"": 0}
    for _ in range(3):
        with pytest.raises(QueryError, match="history cannot be read: no answer"):
            ask(overlay, "a")
    assert base.asked == 1


def test_known__series_go_on_from_what_is_stored() -> None:
    """A range over them holds the past, too."""
    overlay = over((labels_of("up"), [0, 30_000], [1.0, 1.0]), up=0.0)
    assert ask(overlay, "count_over_time(up[61s])") == {"": 3}
    assert ask(overlay, "up") == {"": 0}
