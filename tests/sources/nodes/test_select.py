"""What of a node's page is kept, and how it is called."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Combine, Definition, Feed, Kind, Layer
from zerostate_monitoring.sources.nodes.parse import PageParser
from zerostate_monitoring.sources.nodes.rules import rules_of
from zerostate_monitoring.sources.nodes.select import Selector

COMMON: Any = {"help": "H.", "layer": Layer.P2P, "feeds": (Feed.NODE,)}
SENT = Definition(
    name="zs_sent_bytes_total",
    kind=Kind.COUNTER,
    labels=("protocol",),
    aliases=("zs_bytes_sent",),
    dropped=("peer_id",),
    **COMMON,
)
SLOTS = Definition(name="zs_slots", kind=Kind.GAUGE, aliases=("zs_slots_total",), **COMMON)
WAIT = Definition(name="zs_wait_seconds", kind=Kind.HISTOGRAM, buckets=(1.0,), **COMMON)
PEERS = Definition(
    name="zs_peer_load",
    kind=Kind.GAUGE,
    labels=("peer",),
    unbounded=("peer",),
    max_series=2,
    **COMMON,
)
ASKED = Definition(
    name="zs_asked_total",
    kind=Kind.COUNTER,
    labels=("result", "kind"),
    values={"result": ("ok", "failed"), "kind": ("get", "put")},
    dropped=("peer_id",),
    **COMMON,
)
STARTED = Definition(
    name="zs_started_seconds",
    kind=Kind.GAUGE,
    combine=Combine.MAX,
    dropped=("process",),
    **COMMON,
)
ALL = (SENT, SLOTS, WAIT, PEERS, ASKED, STARTED)
LABELS = (("node", "n1"), ("node_role", "edge"))


def select(body, *, patterns=(), allowed=lambda definition: "", labels=LABELS, openmetrics=False):
    page = PageParser().parse("n", body.encode(), openmetrics=openmetrics, at=1.0, max_series=1000)
    selection = Selector().select("n", page.frame, rules_of(ALL, allowed, patterns), labels)
    frame = selection.apply(page.frame, labels)
    own = {
        (name, tuple(p for p in pairs if p not in labels)): value
        for name, pairs, value in frame.samples()
    }
    return own, selection, frame


def test_alias__is_renamed_and_dropped_labels_are_summed():
    """The node's name becomes ours; what differed by a dropped label is added up."""
    own, _, frame = select(
        "# TYPE zs_bytes_sent counter\n"
        'zs_bytes_sent{peer_id="a",protocol="x"} 1\nzs_bytes_sent{peer_id="b",protocol="x"} 2\n'
        'zs_bytes_sent{peer_id="a",protocol="y"} 4\n'
    )
    key = "zs_sent_bytes_total"
    assert own == {(key, (("protocol", "x"),)): 3.0, (key, (("protocol", "y"),)): 4.0}
    assert frame.labels == LABELS
    assert frame.schema.families[0].type == "counter"


@pytest.mark.parametrize(
    "body",
    ["# TYPE zs_sent_bytes_total counter\nzs_sent_bytes_total 1\n",
     "# TYPE zs_sent_bytes counter\nzs_sent_bytes 1\n",
     "# TYPE zs_bytes_sent counter\nzs_bytes_sent 1\n",
     "zs_bytes_sent 1\n"],
)  # fmt: skip
def test_counter__is_called_total_however_it_comes(body):
    """Counters without the suffix, and untyped ones, are made right."""
    assert select(body)[0] == {("zs_sent_bytes_total", ()): 1.0}


@pytest.mark.parametrize(
    "body",
    ["# TYPE zs_bytes_sent counter\nzs_bytes_sent_total 1\n# EOF\n",
     "# TYPE zs_bytes_sent unknown\nzs_bytes_sent 1\n# EOF\n"],
)  # fmt: skip
def test_counter__is_called_total_in_openmetrics(body):
    """Go's OpenMetrics shows counters without the suffix as unknown, or adds it."""
    assert select(body, openmetrics=True)[0] == {("zs_sent_bytes_total", ()): 1.0}


def test_gauge_called_total__is_renamed():
    """A gauge whose node name ends in _total is found by it."""
    assert select("# TYPE zs_slots_total gauge\nzs_slots_total 3\n")[0] == {("zs_slots", ()): 3.0}


def test_own_name__goes_before_the_alias():
    """A page with both names gives the family once."""
    own, selection, _ = select(
        "# TYPE zs_slots_total gauge\nzs_slots_total 3\n# TYPE zs_slots gauge\nzs_slots 4\n"
    )
    assert own == {("zs_slots", ()): 4.0}
    assert list(selection.refused) == ["zs_slots_total"]


def test_other_type__is_refused_alone():
    """A family with another type than the catalogue's is left out and reported."""
    own, selection, _ = select(
        "# TYPE zs_slots counter\nzs_slots 1\n# TYPE zs_peer_load gauge\nzs_peer_load 2\n"
    )
    assert own == {("zs_peer_load", ()): 2.0}
    assert "counter on the page" in selection.refused["zs_slots"]


def test_fed_by_another__is_refused_with_the_reason():
    """What another producer feeds is not counted twice."""
    own, selection, _ = select("zs_slots 1\n", allowed=lambda d: "fed by platform")
    assert own == {}
    assert selection.refused == {"zs_slots": "fed by platform"}


def test_uncatalogued__is_dropped_unless_a_pattern_names_it():
    """Only the allow-list opens the page to other families."""
    body = "# TYPE other_things counter\nother_things 1\nmore 2\n"
    own, selection, _ = select(body)
    assert (own, selection.dropped) == ({}, 2)
    own, selection, _ = select(body, patterns=("other_*_total",))
    assert (own, selection.dropped) == ({("other_things_total", ()): 1.0}, 1)


def test_colons__are_refused():
    """Names of recording rules never stand on the page."""
    own, selection, _ = select("a:b 1\n", patterns=("*",))
    assert own == {}
    assert list(selection.refused) == ["a:b"]


def test_histogram__keeps_the_nodes_buckets():
    """Other buckets than the catalogue's are kept as they come."""
    own, _, _ = select(
        '# TYPE zs_wait_seconds histogram\nzs_wait_seconds_bucket{le="7"} 1\n'
        'zs_wait_seconds_bucket{le="+Inf"} 2\nzs_wait_seconds_sum 3\nzs_wait_seconds_count 2\n'
    )
    assert own["zs_wait_seconds_bucket", (("le", "7"),)] == 1.0
    assert len(own) == 4


def test_label_that_the_node_has__is_exported():
    """A sample's own node or site stands beside the constant one, as in Prometheus."""
    own, _, _ = select('zs_peer_load{node="x",exported_node="y",peer="p"} 1\n')
    labels = (("exported_exported_node", "x"), ("exported_node", "y"), ("peer", "p"))
    assert own == {("zs_peer_load", labels): 1.0}


def test_unbounded_label__overflows_into_other():
    """A node with too many peers fills one series with the rest, and that is counted."""
    own, selection, _ = select("".join(f'zs_peer_load{{peer="p{i}"}} 1\n' for i in range(5)))
    assert own["zs_peer_load", (("peer", "other"),)] == 3.0
    assert len(own) == 3
    assert selection.overflow == {"zs_peer_load": 3}


def test_known_values__begin_at_0():
    """A counter that the node shows has all its known series; so the first event is seen."""
    own, _, frame = select(
        "# TYPE zs_slots gauge\nzs_slots -0.0\n# TYPE zs_asked_total counter\n"
        'zs_asked_total{result="failed",kind="get",peer_id="a"} 2\n'
        'zs_asked_total{result="failed",kind="get",peer_id="b"} 3\n'
        'zs_asked_total{result="odd",kind="get"} 7\n'
        "# TYPE zs_peer_load gauge\nzs_peer_load 4\n"
    )
    asked = {pairs: value for (name, pairs), value in own.items() if name == "zs_asked_total"}
    assert {(k, r): value for ((_, k), (_, r)), value in asked.items()} == {
        ("get", "failed"): 5.0,
        ("get", "odd"): 7.0,
        ("get", "ok"): 0.0,
        ("put", "failed"): 0.0,
        ("put", "ok"): 0.0,
    }
    assert (own["zs_slots", ()], own["zs_peer_load", ()]) == (0.0, 4.0)
    assert math.copysign(1, own["zs_slots", ()]) == -1
    assert [len(family.samples) for family in frame.schema.families] == [1, 5, 1]


@pytest.mark.parametrize(
    "body",
    [
        "zs_slots 1\n",
        "# HELP zs_asked_total Asked.\n",
        "# TYPE zs_asked_total gauge\n",
        'zs_asked_total{result="ok"} 1\n',
    ],
)
def test_known_values__are_not_made_up(body):
    """Not for a family that the node does not show, nor where it has other labels."""
    own, selection, _ = select(body)
    assert 0.0 not in own.values()
    assert not selection.refused


@pytest.mark.parametrize("openmetrics", [False, True])
def test_declared_counter__begins_at_0(openmetrics):
    """A client library that prints the TYPE line before the first event has counted 0 events."""
    name = "zs_asked" if openmetrics else "zs_asked_total"
    body = f"# TYPE {name} counter\n# TYPE zs_slots gauge\n# TYPE other counter\n"
    own, selection, frame = select(body + "# EOF\n" * openmetrics, openmetrics=openmetrics)
    assert len(own) == 4
    assert set(own.values()) == {0.0}
    assert [family.name for family in frame.schema.families] == ["zs_asked"]
    assert (selection.dropped, dict(selection.refused)) == (0, {})


def test_declared_counter__takes_nobodys_place():
    """Where an alias has the samples, a mere TYPE line of the own name is nothing."""
    own, selection, _ = select(
        "# TYPE zs_sent_bytes_total counter\n"
        '# TYPE zs_bytes_sent counter\nzs_bytes_sent{protocol="x"} 5\n'
    )
    assert own == {("zs_sent_bytes_total", (("protocol", "x"),)): 5.0}
    assert not selection.refused


def test_known_values__stand_beside_labels_that_are_open():
    """A peer of which one result was counted has the other at 0; a peer of none has nothing."""
    body = "".join(
        f'zs_asked_total{{result="{result}",kind="{kind}"}} {value}\n'
        for result, kind, value in (("ok", "a", 2), ("odd", "b", 3))
    )
    page = f"# TYPE zs_asked_total counter\n{body}"
    values, _ = next(scrapes([page], ASKED, values={"result": ("ok", "failed")}))
    assert values == {
        ("a", "ok"): 2.0,
        ("a", "failed"): 0.0,
        ("b", "odd"): 3.0,
        ("b", "ok"): 0.0,
        ("b", "failed"): 0.0,
    }


def test_known_values__carry_the_nodes_labels_as_the_others_do():
    """A known label that the node's labels hide is exported on the zeros, too."""
    labels = (("kind", "vm"), ("node", "n1"))
    own, _, _ = select('zs_asked_total{result="ok",kind="get"} 1\n', labels=labels)
    assert {dict(pairs)["exported_kind"] for _, pairs in own} == {"get", "put"}
    assert len(own) == 4


def test_views_of_one_thing__give_the_highest():
    """A gauge that combines by max is not added up over a dropped label."""
    own, _, _ = select(
        'zs_started_seconds{process="a"} 5\nzs_started_seconds{process="b"} 7\n'
        'zs_started_seconds{process="c"} NaN\n'
        'zs_bytes_sent{peer_id="a"} 5\nzs_bytes_sent{peer_id="b"} 7\n'
    )
    assert own == {("zs_started_seconds", ()): 7.0, ("zs_sent_bytes_total", ()): 12.0}


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.floats(0, 1e6)),
                unique_by=lambda item: item[:2]))  # fmt: skip
def test_joining__equals_adding_one_by_one(items):
    """Whatever is joined and whatever begins at 0: the sums are those of the page."""
    page = "".join(f'zs_bytes_sent{{peer_id="{p}",protocol="{q}"}} {v!r}\n' for p, q, v in items)
    own, _, _ = select(page + 'zs_asked_total{result="ok",kind="get"} 1\n')
    for protocol in "xyz":
        values = [value for _, q, value in items if q == protocol]
        found = own.get(("zs_sent_bytes_total", (("protocol", protocol),)))
        assert (found is None) is (not values)
        assert found is None or np.isclose(found, sum(values))


def test_exemplars__follow_their_samples():
    """An exemplar stands where its sample went."""
    _, _, frame = select(
        "# TYPE junk gauge\njunk 1\n# TYPE zs_sent_bytes counter\n"
        'zs_sent_bytes_total{protocol="x"} 1 # {trace_id="abc"} 1\n# EOF\n',
        openmetrics=True,
    )
    assert {i: e.labels for i, e in frame.exemplars.items()} == {0: (("trace_id", "abc"),)}


def test_exemplars__follow_samples_that_are_joined_and_placed():
    """Zeros before them and groups of several do not shift them."""
    _, _, frame = select(
        "# TYPE zs_asked counter\n"
        'zs_asked_total{result="ok",kind="get",peer_id="a"} 1\n'
        'zs_asked_total{result="ok",kind="get",peer_id="b"} 1 # {trace_id="one"} 1\n'
        "# TYPE zs_sent_bytes counter\n"
        'zs_sent_bytes_total{protocol="x"} 1 # {trace_id="two"} 1\n# EOF\n',
        openmetrics=True,
    )
    found = {i: dict(e.labels)["trace_id"] for i, e in frame.exemplars.items()}
    assert found == {0: "one", 4: "two"}


def test_selection__is_decided_once_per_schema_and_rules():
    """The second scrape decides nothing; new rules do."""
    page = PageParser().parse("n", b"zs_slots 1\n", openmetrics=False, at=1.0, max_series=9)
    selector, rules = Selector(), rules_of(ALL, lambda d: "")
    first = selector.select("n", page.frame, rules, LABELS)
    assert selector.select("n", page.frame, rules, LABELS) is first
    refusing = rules_of(ALL, lambda d: "disabled")
    assert selector.select("n", page.frame, refusing, LABELS).refused == {"zs_slots": "disabled"}


def scrapes(pages, definition=PEERS, **changes):
    """What several pages of one node give, each made by another worker."""
    changed = replace(definition, **changes)
    known: Mapping[str, str] = {}
    for body in pages:
        page = PageParser().parse("n", body.encode(), openmetrics=False, at=1.0, max_series=50_000)
        selection = Selector().select(
            "n", page.frame, rules_of([changed], lambda d: ""), LABELS, known
        )
        known = selection.members
        frame = selection.apply(page.frame, LABELS)
        yield (
            {
                tuple(v for n, v in labels if n not in ("node", "node_role")): value
                for _, labels, value in frame.samples()
            },
            selection,
        )


def peers(*names):
    return "".join(f'zs_peer_load{{peer="{name}"}} 1000\n' for name in names)


def test_full_family__a_newcomer_does_not_put_another_one_out():
    """Who has a series keeps it, wherever the new one stands; so other does not jump."""
    many = [f"p{number}" for number in range(100)]
    pages = [peers(*many), peers("a", *many), peers("b", "a", *reversed(many))]
    found = [values for values, _ in scrapes(pages, max_series=100)]
    assert [values.get(("other",)) for values in found] == [None, 1000.0, 2000.0]
    assert all((name,) in values for name in many for values in found)


def test_full_family__free_places_stay_free_until_half_are():
    """Whom other has counted would leave a gap in it."""
    many = [f"p{number}" for number in range(110)]
    pages = [peers(*many), peers(*many[9:], "new"), peers(*many[60:], *map(str, range(60)))]
    found = [values for values, _ in scrapes(pages, max_series=100)]
    assert [len(values) for values in found] == [101, 92, 101]
    assert found[1]["other",] == 11_000.0


def test_members__are_small_and_only_noted_near_the_limit():
    """What is kept between scrapes is eight characters for each series of such a family."""
    many = [f"p{number}" for number in range(100)]
    noted = [len(s.members.get("zs_peer_load", ""))
             for _, s in scrapes([peers(*many[:90]), peers(*many), peers(*many, "a")],
                                 max_series=100)]  # fmt: skip
    assert noted == [0, 800, 800]


SHOWN = '# TYPE zs_asked_total counter\nzs_asked_total{result="ok",kind="get"} 7\n'


def test_shown_counter__keeps_its_zeros():
    """A node that was restarted shows a counter after its first event; that event is seen."""
    again = SHOWN.replace(" 7", " 1")
    found = [values for values, _ in scrapes(["", SHOWN, "zs_x 1\n", "", again], ASKED)]
    assert [values.get(("get", "ok")) for values in found] == [None, 7.0, 0.0, 0.0, 1.0]
    assert [len(values) for values in found] == [0, 4, 4, 4, 4]


def test_shown_counter__is_not_shown_where_it_is_refused():
    """Neither while another producer feeds it, nor where the node has made a gauge of it."""
    _, shown = next(scrapes([SHOWN], ASKED))
    gauge = "# TYPE zs_asked_total gauge\nzs_asked_total 1\n"
    for body, refused in (("", {ASKED.name: "fed by platform"}), (gauge, {})):
        page = PageParser().parse("n", body.encode(), openmetrics=False, at=1.0, max_series=9)
        rules = replace(rules_of([ASKED], lambda d: ""), refused=refused)
        found = Selector().select("n", page.frame, rules, LABELS, shown.members)
        assert found.schema.size == 0
        assert found.members == shown.members


def test_damaged_members__are_none():
    """What another version has left costs nothing."""
    page = PageParser().parse(
        "n", peers("a", "b", "c").encode(), openmetrics=False, at=1.0, max_series=9
    )
    rules = rules_of(ALL, lambda d: "")
    for text in ("%", "abc", "é", "YWJj"):
        chosen = Selector().select("n", page.frame, rules, LABELS, {"zs_peer_load": text})
        assert chosen.overflow == {"zs_peer_load": 1}


@pytest.mark.parametrize(
    "label", ['role="r%d"', 'role="x",whatever="w%d"', 'le="%d"', 'role="r%d",whatever="w%d"']
)
def test_every_family__is_bounded(label):
    """Labels that the catalogue takes for bounded, and those it does not know, are as well."""
    bounded: Any = {"name": "zs_peers", "labels": ("role",), "unbounded": (), "max_series": 1000}
    count = label.count("%d")
    body = "".join(f"zs_peers{{{label % ((n,) * count)}}} 1\n" for n in range(20_000))
    values, selection = next(scrapes([body], **bounded))
    assert len(values) <= 1101
    assert sum(values.values()) == 20_000
    assert selection.overflow == {"zs_peers": 19_000}


def test_other__keeps_the_labels_that_are_bounded():
    """What is left out is told apart by those, as long as they are few."""
    labels: Any = {"labels": ("peer", "way"), "max_series": 2}
    body = "".join(
        f'zs_peer_load{{peer="p{n}",way="{way}"}} 1\n' for n in range(200) for way in ("in", "out")
    )
    values, _ = next(scrapes([body], **labels))
    assert values["other", "in"] == values["other", "out"] == 199
    body = "".join(f'zs_peer_load{{peer="p{n}",way="{n}"}} 1\n' for n in range(200))
    values, _ = next(scrapes([body], **labels))
    assert values["other", "other"] == 98
    assert len(values) == 103


def test_known_series_of_a_full_family__keep_their_places():
    """Else they would stand at 0 while other counts them."""
    junk = "".join(f'zs_asked_total{{result="{n}",kind="get"}} 1\n' for n in range(9))
    body = f'# TYPE zs_asked_total counter\n{junk}zs_asked_total{{result="ok",kind="put"}} 7\n'
    values, _ = next(scrapes([body], ASKED, max_series=2))
    assert values["put", "ok"] == 7


def test_histogram_with_too_many_buckets__is_refused():
    """Its buckets are no label sets, and bounded by themselves."""
    lines = "".join(f'zs_wait_seconds_bucket{{le="{n}"}} 1\n' for n in range(501))
    own, selection, _ = select(f"# TYPE zs_wait_seconds histogram\n{lines}")
    assert own == {}
    assert "500 buckets" in selection.refused["zs_wait_seconds"]


def test_what_the_app_makes_itself__is_not_taken_from_a_page():
    """A node cannot speak about nodes."""
    page = PageParser().parse(
        "n", b"zerostate_node_up 1\n", openmetrics=False, at=1.0, max_series=9
    )
    found = Selector().select("n", page.frame, rules_of(CATALOGUE, lambda d: "", ("*",)), LABELS)
    assert (found.schema.size, dict(found.refused)) == (
        0,
        {"zerostate_node_up": "is made by the app itself"},
    )


def test_selections__are_bounded_by_series_and_replaced():
    """Labels that change at each scrape leave nothing behind."""
    parser, selector, rules = PageParser(), Selector(), rules_of(ALL, lambda d: "")
    for turn in range(20):
        body = "".join(f'zs_peer_load{{peer="{turn}-{n}"}} 1\n' for n in range(50))
        page = parser.parse("n", body.encode(), openmetrics=False, at=turn, max_series=99)
        selector.select("n", page.frame, rules, LABELS)
    assert selector._memory.series == 50
    assert len(selector._shared) == 1
    selector.forget("n")
    assert (selector._memory.series, len(selector._shared)) == (0, 0)


def test_equal_pages__share_one_selection():
    """Of all targets with equal labels, whichever process has noted them."""
    selector, rules = Selector(), rules_of(ALL, lambda d: "")
    found = set()
    for number in range(3):
        page = PageParser().parse("n", b"zs_slots 1\n", openmetrics=False, at=1.0, max_series=9)
        found.add(selector.select(f"n{number}", page.frame, rules, LABELS))
    assert len(found) == 1
