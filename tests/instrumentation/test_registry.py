"""Declarations: one of each name, with bounded series."""

from __future__ import annotations

import pytest
from django.test import Client
from prometheus_client import Counter, Gauge

from tests.instrumentation.processes import FakeProcess
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


def test_labels__that_were_to_be_few_are_bounded_too():
    """Where the other labels vary, all become ``other``: never more than twice the cap, and one."""
    made = registry.counter(
        "my_visits_total", "Test.", ["peer", "how"], unbounded=["peer"], max_series=5
    )
    for number in range(500):
        made.labels(f"p{number}", f"h{number}").inc()
    assert len(made._metrics) == 11
    assert made.labels("other", "other")._value.get() == 490


def test_labels__folded_ones_are_counted_once_while_they_are_remembered():
    """Not their events; and what is remembered is bounded."""
    made = registry.counter("my_visits_total", "Test.", ["peer"], max_series=2)
    for _ in range(100):
        for peer in ("p0", "p1", "p2", "p3"):
            made.labels(peer).inc()
    assert registry.DROPPED == {"my_visits_total": 2}
    for number in range(1000):
        made.labels(f"p{number}").inc()
    assert len(made._folds) <= 2


def test_labels__folded_ones_have_a_series_again_when_there_is_room():
    """What ended makes room."""
    made = registry.counter("my_visits_total", "Test.", ["peer"], max_series=1)
    for peer in ("p0", "p1", "p1"):
        made.labels(peer).inc()
    made.remove("p0")
    made.remove("other")
    made.labels("p1").inc()
    assert set(made._metrics) == {("p1",)}


@pytest.mark.parametrize("odd", [["a"], {"a": 1}, None, 5, 1.5])
def test_labels__become_text_as_everywhere(odd):
    """What can be no key is no error, below the cap and beyond it."""
    made = registry.counter("my_visits_total", "Test.", ["what"], max_series=1)
    made.labels(odd).inc()
    made.labels(what=odd).inc()
    assert made.labels(str(odd))._value.get() == 2
    made.labels([odd]).inc()
    assert made.labels("other")._value.get() == 1


@pytest.mark.parametrize("wrong", [{"values": ()}, {"values": ("a", "b")}, {"named": {"x": 1}}])
def test_labels__wrong_ones_are_refused_as_everywhere(wrong):
    """Also where the family is full, and on a child."""
    made = registry.counter("my_visits_total", "Test.", ["what"], max_series=0)
    for instrument in (made, made.labels("a")):
        with pytest.raises(ValueError):
            instrument.labels(*wrong.get("values", ()), **wrong.get("named", {}))


def test_fork__in_the_middle_of_a_declaration():
    """What another thread had registered, and not yet declared, is not in the child's way."""
    registry.Counter("my_visits", "Test.", registry=registry.REGISTRY)
    registry.forked()
    assert registry.counter("my_visits_total", "Test.") in registry.REGISTRY._collector_to_names


def test_instrument__is_at_hand_for_events_that_are_folded():
    """A family that is full does not pay for its declaration with every event."""
    definition = CATALOGUE["zerostate_receipts_verified_total"]
    made = registry.instrument(definition)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_declare", None)
        assert registry.instrument(definition) is made


def test_labels__unbounded_must_be_labels():
    """A bound of a label that is not there is a mistake."""
    with pytest.raises(DefinitionError, match=r"\['peer'\]"):
        registry.counter("my_visits_total", "Test.", ["how"], unbounded=["peer"])


@pytest.mark.parametrize("name", ["", "my events", "1st"])
def test_declare__a_bad_name_is_told_with_its_place(name):
    """What prometheus_client refuses is said with where it stands."""
    with pytest.raises(DefinitionError, match="test_registry:"):
        registry.counter(name, "Test.")


@pytest.mark.django_db
def test_names__in_utf8_cost_no_other_family_its_place(store):
    """The page has no way to write them: they are kept away, and counted."""
    process = FakeProcess()
    for name, labels in (("shop.visits", []), ("shop_sales", ["the.kind"]), ("shop_fine", [])):
        made = Counter(name, "Test.", labels, registry=process.registry)
        (made.labels("x") if labels else made).inc()
    Gauge("shop.open", "Test.", registry=process.registry).set(3)
    process.tell()
    lines = Client().get("/metrics").content.decode().splitlines()
    shown = [line for line in lines if line.startswith("shop")]
    assert shown == ["shop_fine_total 1.0"]
    assert "zerostate_monitoring_page_refused_series 3.0" in lines


def test_instrument__known_series_begin_at_zero():
    """``increase`` must see the first event."""
    made = registry.instrument(CATALOGUE["zerostate_receipts_verified_total"])
    assert set(made._metrics) == {("success",), ("failed",)}
