"""A project's families under catalogued names are held to the catalogue."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    SummaryMetricFamily,
)

from zerostate_monitoring.catalogue.definition import Definition, Feed, Kind, Layer
from zerostate_monitoring.collectors.assembly import assemble
from zerostate_monitoring.collectors.items import Refused

COUNTER = Definition(
    name="zerostate_test_paid_total",
    kind=Kind.COUNTER,
    help="Payments.",
    layer=Layer.ECONOMIC,
    feeds=(Feed.INSTRUMENT,),
    labels=("peer", "result"),
    values={"result": ("ok", "failed")},
    unbounded=("peer",),
    max_series=4,
    aliases=("paid_total",),
)
GAUGE = replace(COUNTER, name="zerostate_test_open", kind=Kind.GAUGE, aliases=())
WAIT = replace(
    GAUGE, name="zerostate_test_wait_seconds", kind=Kind.HISTOGRAM, buckets=(0.5, 2.0), values={}
)
PAUSE = replace(GAUGE, name="zerostate_test_pause_seconds", kind=Kind.SUMMARY, values={})
INFO = replace(
    GAUGE, name="zerostate_test_info", labels=("version",), values={}, unbounded=(),
    open_labels=True,
)  # fmt: skip
KNOWN = {d.name: d for d in (COUNTER, GAUGE, WAIT, PAUSE, INFO)} | {"paid_total": COUNTER}
LABELS = ["peer", "result"]
BUCKETS = [("0.5", 1), ("2.0", 3), ("+Inf", 4)]


def made(*items):
    return assemble(items, at=1.0, previous={}, refusal=lambda d: "", find=KNOWN.get)


def values(result, name):
    return {
        tuple(value for _, value in labels): number
        for sample, labels, number in result.frame.samples()
        if sample == name
    }


def counter(*counts, name="zerostate_test_paid", labels=LABELS):
    family = CounterMetricFamily(name, "Mine.", labels=labels)
    for *own, count in counts:
        family.add_metric(own, count, created=5.0)
    return family


def wait(*sets, buckets=BUCKETS, labels=LABELS):
    family = HistogramMetricFamily(WAIT.name, "Mine.", labels=labels)
    for own in sets:
        family.add_metric(own, buckets, sum_value=7.0)
    return family


def gauge_of(labels):
    family = GaugeMetricFamily(GAUGE.name, "Mine.", labels=labels)
    family.add_metric(["x"] * len(labels), 1)
    return family


def summary_of(labels):
    family = SummaryMetricFamily(PAUSE.name, "Mine.", labels=labels)
    family.add_metric(["x"] * len(labels), 2, 3.0)
    return family


def test_counter__starts_at_0_and_is_recorded():
    """Known values beside each peer, the catalogue's help, and the name among those seen."""
    result = made(counter(("a", "ok", 5)))

    assert values(result, COUNTER.name) == {("a", "ok"): 5.0, ("a", "failed"): 0.0}
    assert result.catalogued == {COUNTER.name}
    assert [(f.name, f.help) for f in result.frame.schema.families] == [
        ("zerostate_test_paid", "Payments.")
    ]


def test_counter__is_capped():
    """What the family has no room for becomes ``other``, and is counted."""
    result = made(counter(*((f"p{n}", "ok", n) for n in range(10))))

    found = values(result, COUNTER.name)
    assert found == {("p9", "ok"): 9.0, ("p8", "ok"): 8.0, ("p7", "ok"): 7.0, ("other", "ok"): 21.0}
    assert result.overflow == {COUNTER.name: 7}


def test_counter__cannot_pass_the_cap_in_several_families():
    """A collector that yields a family for each peer has one family."""
    result = made(*(counter((f"p{n}", "ok", n)) for n in range(10)))

    assert values(result, COUNTER.name)["other", "ok"] == 21.0


def test_counter__under_an_alias_gets_its_own_name():
    """A name that nodes use is the catalogue's, too."""
    assert values(made(counter(("a", "ok", 5), name="paid")), COUNTER.name)["a", "ok"] == 5.0


@pytest.mark.parametrize("labels", [["peer"], ["peer", "result", "host"], ["peer", "status"]])
@pytest.mark.parametrize(
    ("family", "name"),
    [
        (lambda labels: counter(("x",) * len(labels) + (1,), labels=labels), COUNTER.name),
        (gauge_of, GAUGE.name),
        (lambda labels: wait(("x",) * len(labels), labels=labels), WAIT.name),
        (summary_of, PAUSE.name),
    ],
)
def test_family__with_other_labels_is_refused(family, name, labels):
    """Too few, too many or others: the reason names both, and the rest of the run stands."""
    result = made(family(labels), GaugeMetricFamily("shop_orders", "Orders.", value=3))

    assert "has labels ['peer', 'result'], not" in result.refused[name]
    assert [family.name for family in result.frame.schema.families] == ["shop_orders"]
    assert result.catalogued == frozenset()


def test_family__is_refused_whole():
    """What came before and comes after the bad part is not shown either."""
    good, bad = counter(("a", "ok", 1)), counter(("b", 2), labels=["peer"])

    result = made(good, bad, good)

    assert result.frame.schema.size == 0
    assert COUNTER.name in result.refused


@pytest.mark.parametrize(
    "buckets",
    [
        [("0.5", 1), ("+Inf", 4)],
        [("0.5", 1), ("2.0", 3), ("3.0", 3), ("+Inf", 4)],
        [("0.5", 1), ("2.5", 3), ("+Inf", 4)],
        [("0.5", 1), ("2.0", 3), ("2", 3), ("+Inf", 4)],
        [("0.5", 1), ("half", 3), ("+Inf", 4)],
    ],
)
def test_histogram__with_other_bounds_is_refused(buckets):
    """Quantiles over several producers need one set of bounds."""
    result = made(wait(("a", "ok"), buckets=buckets))

    assert WAIT.name in result.refused
    assert result.frame.schema.size == 0


def test_histogram__with_its_bounds_stands_and_is_recorded():
    """However the bounds are spelled; ``_created`` is left out."""
    registry = CollectorRegistry()
    instrument = Histogram(WAIT.name, "Mine.", LABELS, buckets=WAIT.buckets, registry=registry)
    instrument.labels("a", "ok").observe(1)

    spelled = [("0.50", 1), ("2", 3), *BUCKETS[2:]]

    result = made(*registry.collect(), wait(("b", "ok"), buckets=spelled))

    assert not result.refused
    assert values(result, f"{WAIT.name}_count") == {("a", "ok"): 1.0, ("b", "ok"): 4.0}
    assert result.catalogued == {WAIT.name}


def test_histogram__is_capped_by_label_sets():
    """Those with most observations stay; of the others each bucket, sum and count is added up."""
    family = wait(*((f"p{n}", "ok") for n in range(6)))
    family.add_metric(["busy", "ok"], [("0.5", 5), ("2.0", 50), ("+Inf", 500)], sum_value=9.0)

    result = made(family)

    counts = values(result, f"{WAIT.name}_count")
    assert counts == {("busy", "ok"): 500, ("p0", "ok"): 4, ("p1", "ok"): 4, ("other", "ok"): 16}
    buckets = values(result, f"{WAIT.name}_bucket")
    assert [buckets[bound, "other", "ok"] for bound, _ in BUCKETS] == [4.0, 12.0, 16.0]
    assert values(result, f"{WAIT.name}_sum")["other", "ok"] == 28.0
    assert result.overflow == {WAIT.name: 4}


def test_summary__is_capped_without_its_quantiles():
    """Quantiles cannot be added up; sum and count can."""
    family = SummaryMetricFamily(PAUSE.name, "Mine.", labels=LABELS)
    for n in range(6):
        family.add_metric([f"p{n}", "ok"], n, 1.0)
        family.add_sample(PAUSE.name, {"peer": f"p{n}", "result": "ok", "quantile": "0.5"}, 0.1)

    result = made(family)

    assert values(result, f"{PAUSE.name}_sum")["other", "ok"] == 3.0
    assert set(values(result, PAUSE.name)) == {(f"p{n}", "0.5", "ok") for n in (3, 4, 5)}


def test_samples_of_another_family__are_refused():
    """A family must not carry what is no sample of it."""
    family = counter(("a", "ok", 1))
    family.add_sample("zerostate_test_paid_bucket", {"peer": "a", "result": "ok", "le": "1"}, 1)

    assert "is no sample of" in made(family).refused[COUNTER.name]


def test_exemplar__stays_on_a_counter():
    """What the project's code attached is not lost on the way."""
    registry = CollectorRegistry()
    instrument = Counter("zerostate_test_paid", "Mine.", LABELS, registry=registry)
    instrument.labels("a", "ok").inc(exemplar={"trace_id": "abc"})

    frame = made(*registry.collect()).frame

    assert [dict(e.labels) for e in frame.exemplars.values()] == [{"trace_id": "abc"}]


def test_info_family__may_carry_more_labels_but_not_less():
    """What is known of a thing in labels has those of its row beside the declared ones."""
    family = GaugeMetricFamily(INFO.name, "Mine.", labels=["version", "site"])
    family.add_metric(["1.0", "fra1"], 1)
    less = GaugeMetricFamily(INFO.name, "Mine.", labels=["site"])
    less.add_metric(["fra1"], 1)

    assert made(family).catalogued == {INFO.name}
    assert INFO.name in made(less).refused
    assert "not info" in made(InfoMetricFamily("zerostate_test_info", "Mine.")).refused[INFO.name]


def test_reading__of_another_declaration_is_refused():
    """A definition of a project's own cannot take a catalogued name with other labels."""
    other = replace(GAUGE, labels=("peer",), values={})

    result = made(other.reading(1, peer="a"))

    assert "declared otherwise" in result.refused[GAUGE.name]
    assert result.frame.schema.size == 0


def test_what_others_had_refused__costs_nothing_of_ones_own():
    """A node that exposes a name in vain does not take it from who may give it."""
    reading = GAUGE.reading(1, peer="a", result="ok")

    result = made(Refused(GAUGE.name, "node n1: made by the app itself"), reading)

    assert values(result, GAUGE.name) == {("a", "ok"): 1.0}
    assert result.catalogued == {GAUGE.name}
    assert "n1" in result.refused[GAUGE.name]


def test_counter__equals_what_readings_give():
    """Both forms of the same numbers make the same frame."""
    counts = [(p, r, float(n)) for n, (p, r) in enumerate(itertools.product("abc", ("ok", "x")))]
    readings = [COUNTER.reading(n, peer=p, result=r) for p, r, n in counts]

    one, other = made(counter(*counts)).frame, made(*readings).frame

    assert one.schema == other.schema
    assert list(one.values) == list(other.values)
    assert not math.isnan(one.values.sum())
