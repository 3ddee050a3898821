"""Declarations: one of each name, with bounded series."""

from __future__ import annotations

import pytest

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.exceptions import DefinitionError
from zerostate_monitoring.instrumentation import registry


def test_declare__again_gives_the_same_instrument():
    """A module that is read twice declares once."""
    first = registry.counter("my_events_total", "Test.", ["kind"])
    assert registry.counter("my_events_total", "Test.", ["kind"]) is first


@pytest.mark.parametrize(
    ("again", "words"),
    [
        (lambda: registry.gauge("my_events", "Test.", ["kind"]), "type histogram and gauge"),
        (lambda: registry.histogram("my_events", "Test.", ["sort"]), "labels ['kind'] and"),
        (
            lambda: registry.histogram("my_events", "Test.", ["kind"], buckets=(1, 2)),
            "buckets or mode",
        ),
    ],
)
def test_declare__otherwise_names_both_places(again, words):
    """A second declaration that differs is refused, with where both stand."""
    registry.histogram("my_events", "Test.", ["kind"])
    with pytest.raises(DefinitionError) as caught:
        again()
    assert words in str(caught.value)
    assert str(caught.value).count("test_registry:") == 2


def test_declare__not_as_the_catalogue_has_it():
    """The catalogue's names have the catalogue's type and labels."""
    with pytest.raises(DefinitionError) as caught:
        registry.counter("zerostate_tasks_total", "Test.", ["state"])
    assert "zerostate_monitoring.catalogue.execution" in str(caught.value)


@pytest.mark.parametrize("how", [{"quantiles": (0.5,)}, {"labels": ("quantile",)}])
def test_summary__quantiles_are_refused_with_the_reason(how):
    """Quantiles of several processes cannot be summed."""
    with pytest.raises(DefinitionError, match="cannot be summed"):
        registry.summary("my_wait", "Test.", **how)


def test_labels__beyond_the_cap_are_other():
    """Only the unbounded labels become ``other``, and what was folded is counted."""
    made = registry.counter(
        "my_visits_total", "Test.", ["peer", "how"], unbounded=["peer"], max_series=2
    )
    for number in range(5):
        made.labels(f"p{number}", "dial").inc()
    assert set(made._metrics) == {("p0", "dial"), ("p1", "dial"), ("other", "dial")}
    assert made.labels(peer="p9", how="dial")._value.get() == 3
    assert registry.DROPPED == {"my_visits_total": 4}


def test_labels__unbounded_must_be_labels():
    """A bound of a label that is not there is a mistake."""
    with pytest.raises(DefinitionError, match=r"\['peer'\]"):
        registry.counter("my_visits_total", "Test.", ["how"], unbounded=["peer"])


@pytest.mark.parametrize("name", ["", "my events", "1st"])
def test_declare__a_bad_name_is_told_with_its_place(name):
    """What prometheus_client refuses is said with where it stands."""
    with pytest.raises(DefinitionError, match="test_registry:"):
        registry.counter(name, "Test.")


def test_instrument__known_series_begin_at_zero():
    """``increase`` must see the first event."""
    made = registry.instrument(CATALOGUE["zerostate_receipts_verified_total"])
    assert set(made._metrics) == {("success",), ("failed",)}
