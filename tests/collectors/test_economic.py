"""The economic collector on a platform."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sources.platform.fixtures import Platform, ago
from zerostate_monitoring.catalogue import CATALOGUE, Feed
from zerostate_monitoring.catalogue import platform as declared
from zerostate_monitoring.collectors import COLLECTORS, Absent, Reading
from zerostate_monitoring.collectors.economic import economic
from zerostate_monitoring.collectors.execution import execution
from zerostate_monitoring.collectors.platform import Ratio
from zerostate_monitoring.conf import conf

ESCROW = "00000000-0000-4000-8000-000000000001"


def readings() -> dict[tuple[str, tuple[str, ...]], float]:
    return {(r.definition.name, r.labels): r.value for r in economic() if isinstance(r, Reading)}


def test_registered__with_its_interval_and_feed() -> None:
    """The collector is the platform's producer and runs at the configured interval."""
    known = COLLECTORS["economic"]
    assert (known.source, known.feed) == ("platform", Feed.PLATFORM)
    assert known.interval_seconds == conf.ECONOMIC_INTERVAL_SECONDS


def test_state__every_known_value_is_there(platform: Platform) -> None:
    """On an empty platform each label value of each state gauge stands as 0."""
    found = readings()
    for definition in declared.DEFINITIONS:
        if len(definition.labels) != 1 or definition.name.endswith("_ratio"):
            continue
        if "_mean_" in definition.name:
            continue
        if definition.name.startswith("zerostate_agents"):
            continue
        (values,) = definition.values.values()
        assert {found[definition.name, (value,)] for value in values} == {0.0}, definition.name


def test_declared__every_family_is_fed_by_a_platform_with_rows(platform: Platform) -> None:
    """Nothing is declared for the platform alone that its collectors do not give."""
    platform.insert("agents", status="online", max_capacity=1, current_load=1)
    platform.insert("escrows", id=ESCROW, status="released", funded_at=ago(90), released_at=ago(60))
    platform.insert("escrows", status="released", released_at=ago(60))
    platform.insert("disputes", escrow_id=ESCROW, status="open")
    platform.insert("disputes", status="resolved", resolved_at=ago(60))
    platform.insert("auctions", status="awarded", final_price=3, max_price=5)
    platform.insert("reputation_scores", overall_score=40, successful_tasks=1)
    platform.insert("delegations", status="completed", actual_completion=ago(60))
    names = {
        r.definition.name for c in (economic, execution) for r in c() if isinstance(r, Reading)
    }
    assert {d.name for d in declared.DEFINITIONS} <= names


def test_ratios__are_of_what_ended(platform: Platform) -> None:
    """Dispute ratio over all outcomes, success over those that were not disputed."""
    for status, at in (("released", "released_at"), ("refunded", "refunded_at")):
        platform.insert("escrows", status=status, **{at: ago(60)})
    platform.insert("disputes", status="open", created_at=ago(60))
    found = readings()
    assert found["zerostate_escrow_dispute_ratio", ("1h",)] == pytest.approx(1 / 3)
    assert found["zerostate_escrow_success_ratio", ("24h",)] == pytest.approx(1 / 2)
    assert ("zerostate_auction_completion_ratio", ("1h",)) not in found


def test_ratio__of_nothing_is_none() -> None:
    """Neither a whole of 0 nor a series that is not there has a ratio."""
    ratio = Ratio("r", part=(("a",),), whole=(("a",), ("b",)))
    assert ratio.of({("a", ()): 0.0, ("b", ()): 0.0}) is None
    assert ratio.of({("a", ()): 1.0}) is None
    assert ratio.of({("a", ()): 1.0, ("b", ()): 3.0}) == 0.25


def test_missing_table__is_absent_under_page_names(platform: Platform) -> None:
    """Reasons stand under the names of the page, and no value stands beside them."""
    platform.execute("DROP TABLE disputes")
    absent = {item.family: item.reason for item in economic() if isinstance(item, Absent)}
    assert absent["zerostate_disputes"] == "table disputes is missing"
    assert absent["zerostate_escrow_dispute_ratio"] == "table disputes is missing"
    assert all(CATALOGUE[family] for family in absent)
    assert not absent.keys() & {name for name, _ in readings()}


def test_no_platform__gives_nothing(settings: Any) -> None:
    """Without an alias there is nothing to read."""
    settings.ZEROSTATE_MONITORING_PLATFORM_DATABASE = ""
    assert list(economic()) == []
