"""What an expression needs data of."""

from __future__ import annotations

import pytest

from zerostate_monitoring.alerting.needs import NOTHING, Either, Every, Named, Unless, needs_of
from zerostate_monitoring.alerting.verdicts import OK, Verdict, combined
from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.models.words import Health

A, B = Named("a"), Named("b")


@pytest.mark.parametrize(
    ("expr", "need"),
    [
        ("a > 1", A),
        ("a / b > 1", Every((A, B))),
        ("sum(rate(a[5m])) > 1", A),
        ("max_over_time(sum(a)[10m:1m]) > 0", A),
        ("a == 1 or b > 2", Either((A, B))),
        ("a unless on (x) b", Unless(A, B)),
        ("absent(a)", NOTHING),
        ("a or vector(0)", Either((A, NOTHING))),
        ('{__name__="a", x="y"}', A),
        ('{__name__=~"a.*"}', NOTHING),
        ("vector(1)", NOTHING),
    ],
)
def test_needs__of_an_expression(expr, need):
    """Names that it cannot do without, and names of which one is enough."""
    assert needs_of(expr).data == need


def test_needs__how_far_back():
    """Ranges, offsets and subqueries together; an offset is said, for it needs the past itself."""
    assert needs_of("rate(a[5m] offset 1h)").back_ms == 65 * 60_000
    assert needs_of("rate(a[5m] offset 1h)").past
    assert not needs_of("rate(a[5m])").past
    assert needs_of("max_over_time(a[1h:1m] offset 1d)").past


def test_needs__of_no_expression():
    """Evaluation says what is wrong."""
    with pytest.raises(QueryError):
        needs_of("sum(")


DORMANT, NO_DATA = Verdict(Health.DORMANT, "d"), Verdict(Health.NO_DATA, "n")


@pytest.mark.parametrize(
    ("expr", "a", "b", "wanted"),
    [
        ("a / b", OK, DORMANT, DORMANT),
        ("a / b", NO_DATA, DORMANT, DORMANT),
        ("a / b", NO_DATA, OK, NO_DATA),
        ("a or b", DORMANT, OK, OK),
        ("a or b", DORMANT, DORMANT, DORMANT),
        ("a or b", NO_DATA, OK, NO_DATA),
        ("a or vector(0)", DORMANT, OK, OK),
        ("a unless b", OK, DORMANT, OK),
        ("a unless b", OK, NO_DATA, NO_DATA),
        ("a unless b", DORMANT, OK, DORMANT),
    ],
)
def test_combined__what_the_parts_say_together(expr, a, b, wanted):
    """Without data of a part that counts, nobody knows what the whole would say."""
    assert combined(needs_of(expr).data, {"a": a, "b": b}.__getitem__) == wanted
