"""From items to one frame."""

from __future__ import annotations

from dataclasses import replace

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from zerostate_monitoring.catalogue.definition import (
    Combine,
    Definition,
    Feed,
    Kind,
    Layer,
    Reading,
)
from zerostate_monitoring.collectors import Absent
from zerostate_monitoring.collectors.assembly import assemble, capped, with_zeros
from zerostate_monitoring.collectors.items import Refused

ESCROWS = Definition(
    name="zerostate_test_escrows",
    kind=Kind.GAUGE,
    help="Escrows.",
    layer=Layer.ECONOMIC,
    feeds=(Feed.PLATFORM,),
    labels=("status",),
)
PAID = Definition(
    name="zerostate_test_paid_total",
    kind=Kind.COUNTER,
    help="Payments.",
    layer=Layer.ECONOMIC,
    feeds=(Feed.PLATFORM,),
    labels=("status",),
    values={"status": ("ok", "failed")},
)
KNOWN = {d.name: d for d in (ESCROWS, PAID)}


def made(*items, refusal=lambda definition: "", previous=None):
    return assemble(items, at=1.0, previous=previous or {}, refusal=refusal, find=KNOWN.get)


def samples(assembled):
    return {(name, labels): value for name, labels, value in assembled.frame.samples()}


def test_assemble__makes_one_frame_of_readings_and_families():
    """Readings and prometheus_client families stand in the same frame."""
    family = GaugeMetricFamily("shop_orders", "Orders.", value=3)

    result = samples(made(ESCROWS.reading(2, status="funded"), family))

    assert result == {
        ("zerostate_test_escrows", (("status", "funded"),)): 2.0,
        ("shop_orders", ()): 3.0,
    }


def test_assemble__refuses_a_family_with_a_series_twice_and_keeps_the_rest():
    """One bad family is refused with the reason; the others stand."""
    twice = [ESCROWS.reading(1, status="funded"), ESCROWS.reading(2, status="funded")]

    result = made(*twice, PAID.reading(5, status="ok"))

    assert "stands twice" in result.refused[ESCROWS.name]
    assert samples(result)[("zerostate_test_paid_total", (("status", "ok"),))] == 5.0
    assert not any(name == ESCROWS.name for name, _ in samples(result))


def test_assemble__refuses_what_the_policy_refuses():
    """A family that somebody else feeds is left out, with the reason."""
    result = made(ESCROWS.reading(1, status="funded"), refusal=lambda d: "fed by node")

    assert result.refused == {ESCROWS.name: "fed by node"}
    assert result.frame.schema.size == 0
    assert result.catalogued == frozenset()


def test_assemble__tells_what_others_had_refused():
    """A family that a node offered in vain is told with the collector's own."""
    assert made(Refused("zerostate_x", "the platform feeds it")).refused == {
        "zerostate_x": "the platform feeds it"
    }


def test_assemble__refuses_a_family_whose_samples_are_catalogued():
    """An info family x gives the sample x_info, which may be a catalogued name."""
    family = Metric("zerostate_test", "Mine.", "unknown")
    family.add_sample("zerostate_test_escrows", {"status": "funded"}, 1)

    result = made(family)

    reason = "zerostate_test_escrows is the catalogue's; choose another name"
    assert result.refused == {"zerostate_test": reason}
    assert samples(result) == {}


def test_assemble__refuses_colons():
    """Colons are for recording rules and never stand on the page."""
    family = GaugeMetricFamily("shop_orders", "Orders.", value=3)
    family.name = "shop:orders"

    assert "recording rules" in made(family).refused["shop:orders"]


def test_assemble__refuses_a_catalogued_name_of_another_type():
    """A family cannot have two types on one page."""
    family = CounterMetricFamily(ESCROWS.name, "Escrows.", value=3)

    assert "not counter" in made(family).refused[ESCROWS.name]


def test_assemble__passes_absences_on():
    """What the source cannot give is said, and is no 0."""
    result = made(Absent(ESCROWS.name, "no table escrows"))

    assert result.absent == {ESCROWS.name: "no table escrows"}
    assert result.frame.schema.size == 0


def test_assemble__shows_totals_in_the_place_of_counts():
    """Counted rows come out as totals, and what is purged stays counted."""
    first = made(Reading(PAID, ("ok",), 10.0, counted=True))
    second = made(Reading(PAID, ("ok",), 4.0, counted=True), previous=first.carried)
    third = made(previous=second.carried)

    key = ("zerostate_test_paid_total", (("status", "ok"),))
    assert [samples(r)[key] for r in (first, second, third)] == [10.0, 10.0, 10.0]


def test_assemble__forgets_no_count_while_a_family_is_refused():
    """An operator who disables a counter and enables it again finds it where it was."""
    first = made(Reading(PAID, ("ok",), 10.0, counted=True))
    refused = made(
        Reading(PAID, ("ok",), 2.0, counted=True),
        previous=first.carried,
        refusal=lambda d: "disabled",
    )

    assert refused.carried == first.carried
    assert refused.frame.schema.size == 0


def test_with_zeros__starts_known_values_at_0():
    """A counter has all its known series from its first sample on."""
    filled = with_zeros(PAID, [PAID.reading(5, status="ok")])

    assert {(r.labels, r.value) for r in filled} == {(("ok",), 5.0), (("failed",), 0.0)}


def test_with_zeros__completes_known_values_beside_those_that_are_open():
    """A payer of whom one status was counted has the other at 0."""
    partly = replace(PAID, labels=("payer", "status"))
    readings = [partly.reading(5, status="ok", payer="a"), partly.reading(2, status="x", payer="b")]

    filled = {r.labels: r.value for r in with_zeros(partly, readings)}

    assert filled == {
        ("a", "ok"): 5.0,
        ("a", "failed"): 0.0,
        ("b", "x"): 2.0,
        ("b", "ok"): 0.0,
        ("b", "failed"): 0.0,
    }


def test_with_zeros__leaves_gauges_alone():
    """A state that nobody reported is not 0."""
    readings = [ESCROWS.reading(5, status="funded")]

    assert with_zeros(ESCROWS, readings) == readings


def limited(combine):
    return Definition(
        name="zerostate_test_guilds",
        kind=Kind.GAUGE,
        help="Guilds.",
        layer=Layer.ECONOMIC,
        feeds=(Feed.PLATFORM,),
        labels=("guild",),
        unbounded=("guild",),
        max_series=3,
        combine=combine,
    )


def test_capped__folds_the_smallest_into_other():
    """The largest series stay; the rest are added up as `other`."""
    definition = limited(Combine.SUM)
    readings = [definition.reading(value, guild=f"g{value}") for value in range(1, 6)]

    bounded = {r.labels: r.value for r in capped(definition, readings)}

    assert bounded == {("g5",): 5.0, ("g4",): 4.0, ("other",): 6.0}


def test_capped__takes_the_largest_of_views():
    """Views of one thing are not added."""
    definition = limited(Combine.MAX)
    readings = [definition.reading(value, guild=f"g{value}") for value in range(1, 6)]

    assert {r.labels: r.value for r in capped(definition, readings)}[("other",)] == 3.0


def test_assemble__counts_what_was_folded():
    """How many series became `other` is told per family."""
    definition = limited(Combine.SUM)
    readings = [definition.reading(value, guild=f"g{value}") for value in range(1, 6)]

    assert made(*readings).overflow == {definition.name: 3}
