"""The page: prometheus_client's bytes, each family once, kept while nothing changes."""

from __future__ import annotations

import zlib

import numpy as np
import pytest
from hypothesis import given
from prometheus_client import CollectorRegistry, Counter, Metric
from prometheus_client.openmetrics import parser as openmetrics_parser
from prometheus_client.parser import text_string_to_metric_families

from tests.exposition.pages import cache, page, snapshot, theirs, without_own
from tests.frames.strategies import families
from zerostate_monitoring.exceptions import DefinitionError
from zerostate_monitoring.exposition.page import Format, PageCache
from zerostate_monitoring.exposition.selection import Selection
from zerostate_monitoring.frames.builder import FrameBuilder
from zerostate_monitoring.frames.exemplar import Exemplar
from zerostate_monitoring.frames.families import frame_of
from zerostate_monitoring.frames.frame import Frame
from zerostate_monitoring.frames.schema import FamilySchema, SampleKey, Schema


def gauge(name: str = "a", help_text: str = "Help.", kind: str = "gauge", **values: float) -> Frame:
    """A family with one label ``key``."""
    builder = FrameBuilder()
    builder.declare(name, kind, help_text)
    for key, value in values.items():
        suffix = "_total" if kind == "counter" else ""
        builder.add(name, {"key": key}, value, suffix=suffix)
    return builder.build(0)


def assert_same_page(ours: str, others: str) -> None:
    """Equal but for the spelling of numbers, which read back as the same float64."""
    assert ours.count("\n") == others.count("\n")
    for mine, other in zip(ours.split("\n"), others.split("\n"), strict=True):
        if mine != other:
            (head, _, number), (other_head, _, other_number) = (
                line.rpartition(" ") for line in (mine, other)
            )
            assert head == other_head
            assert np.float64(number).tobytes() == np.float64(other_number).tobytes()


@pytest.mark.parametrize("kind", list(Format))
@given(found=families())
def test_page__is_what_prometheus_client_prints(kind, found):
    """Byte for byte, but for the spelling of numbers."""
    if found:
        assert_same_page(page({"a": frame_of(found, 0)}, kind), theirs(found, kind))


def test_page__is_read_by_prometheus_clients_parsers():
    """Both formats are parsed back to the samples of the frame."""
    frame = gauge(x=1, y=float("inf"))
    (text,) = text_string_to_metric_families(page({"a": frame}))
    (opened,) = openmetrics_parser.text_string_to_metric_families(
        page({"a": frame}, Format.OPENMETRICS)
    )
    assert [s.value for s in text.samples] == [s.value for s in opened.samples] == [1, float("inf")]


def test_page__joins_a_family_of_many_producers():
    """A family stands once, with the series of all its producers."""
    shown = page({"b": gauge(y=2), "a": gauge(x=1)})
    assert shown == '# HELP a Help.\n# TYPE a gauge\na{key="x"} 1.0\na{key="y"} 2.0\n'


def test_page__constant_labels_stand_in_order():
    """Constant labels are sorted in among the sample's own."""
    plain = gauge(x=1)
    frame = Frame(plain.schema, plain.values, 0, (("node", "n1"), ("a", 'q"')))
    assert 'a{a="q\\"",key="x",node="n1"} 1.0\n' in page({"n": frame})


def test_page__refuses_a_series_that_stands_already():
    """The first producer by name keeps its series; the other is counted as refused."""
    kept = cache()
    pieces = kept.page(snapshot({"a": gauge(x=1), "b": gauge(x=2, z=1)}), Format.TEXT)
    text = b"".join(pieces).decode()
    assert text.count('a{key="x"}') == 1
    assert 'a{key="z"}' not in text
    assert "zerostate_monitoring_page_refused_series 2.0\n" in text


def test_page__refuses_a_second_type():
    """A family of one name has one type."""
    assert "counter" not in page({"a": gauge(x=1), "b": gauge(kind="counter", y=1)})


def test_page__refuses_a_sample_name_of_another_family():
    """A gauge x_count cannot stand beside a histogram x."""
    builder = FrameBuilder()
    builder.declare("x", "histogram")
    for suffix in ("_count", "_sum"):
        builder.add("x", {}, 1, suffix=suffix)
    shown = page({"a": builder.build(0), "b": gauge("x_count", y=1)})
    assert "x_count 1.0" in shown
    assert 'x_count{key="y"}' not in shown


def test_page__same_series_under_other_constant_labels():
    """Nodes that expose the same series do not collide."""
    plain = gauge(x=1)
    frames = {f"node:{n}": Frame(plain.schema, plain.values, 0, (("node", n),)) for n in "ab"}
    assert page(frames).count('key="x"') == 2


def test_page__changes_with_its_frames():
    """A changed frame shows, the others stay; a gone producer leaves."""
    kept = cache()
    first = {"a": gauge(x=1), "b": gauge("b", x=1)}
    kept.page(snapshot(first), Format.TEXT)
    second = b"".join(kept.page(snapshot({**first, "b": gauge("b", x=2)}), Format.TEXT)).decode()
    assert 'a{key="x"} 1.0' in second
    assert 'b{key="x"} 2.0' in second
    third = b"".join(kept.page(snapshot({"a": first["a"]}), Format.TEXT)).decode()
    assert "# TYPE b " not in third


def test_page__is_kept_while_nothing_changes():
    """The same snapshot gives the same pieces, not equal ones."""
    kept = cache()
    taken = snapshot({"a": gauge(x=1)})
    assert kept.page(taken, Format.TEXT) is kept.page(taken, Format.TEXT)


def test_page__follows_its_settings():
    """A new external label shows although the store did not change."""
    labels: dict[str, str] = {}
    kept = PageCache(dict, lambda: dict(labels))
    taken = snapshot({})
    assert b"external_labels" not in b"".join(kept.page(taken, Format.TEXT))
    labels["cluster"] = "eu"
    expected = b'zerostate_monitoring_external_labels{cluster="eu"} 1.0\n'
    assert expected in b"".join(kept.page(taken, Format.TEXT))


def test_page__compressed_is_the_same_page():
    """gzip changes the bytes on the way, not the page."""
    kept = cache()
    taken = snapshot({"a": gauge("a", "Help.", "gauge", **{f"k{i}": i for i in range(9000)})})
    plain = b"".join(kept.page(taken, Format.TEXT))
    packed = b"".join(kept.page(taken, Format.TEXT, compressed=True))
    assert zlib.decompress(packed, 31) == plain
    assert len(plain) > 128 * 1024


def test_page__without_store_leaves_counts_out():
    """Gauges stay until they end; what only rises would look like a reset elsewhere."""
    frames = {"a": gauge(x=1), "c": gauge("c", kind="counter", x=1)}
    assert page(frames, up=False) == page({"a": frames["a"]})


def test_page__exemplars_only_in_openmetrics():
    """OpenMetrics carries exemplars as prometheus_client writes them; text cannot."""
    registry = CollectorRegistry()
    Counter("a", "Help.", registry=registry).inc(2, exemplar={"trace_id": 'q"'})
    found = list(registry.collect())
    found[0].samples = [s for s in found[0].samples if not s.name.endswith("_created")]
    frame = frame_of(found, 0)
    assert page({"a": frame}, Format.OPENMETRICS) == theirs(found, Format.OPENMETRICS)
    assert "trace_id" not in page({"a": frame})


def test_page__exemplars_stand_only_where_openmetrics_allows_them():
    """On gauges, sums and under names that are none they are left out; odd numbers are spelled."""
    builder = FrameBuilder()
    odd = Exemplar((("trace_id", "t"),), float("nan"), float("inf"))
    builder.declare("g", "gauge")
    builder.add("g", {}, 1, exemplar=odd)
    builder.declare("h", "histogram")
    builder.add("h", {"le": "+Inf"}, 1, suffix="_bucket", exemplar=odd)
    builder.add("h", {}, 1, suffix="_sum", exemplar=odd)
    builder.declare("c", "counter")
    builder.add("c", {}, 1, suffix="_total", exemplar=odd._replace(labels=(("a b", "t"),)))
    shown = page({"a": builder.build(0)}, Format.OPENMETRICS)
    assert [line for line in shown.splitlines() if " # " in line] == [
        'h_bucket{le="+Inf"} 1.0 # {trace_id="t"} NaN +Inf'
    ]


HOSTILE = {
    "label": FamilySchema("a", "gauge", "", "", (SampleKey("", (("a b", "v"),)),)),
    "line": FamilySchema("a", "gauge", "", "", (SampleKey("", (("x 1\nb 1\n#", "v"),)),)),
    "name": FamilySchema("a\nb 1\nc", "gauge", "", "", (SampleKey("", ()),)),
    "suffix": FamilySchema("a", "gauge", "", "", (SampleKey(" 1\nb", ()),)),
    "twice": FamilySchema("a", "gauge", "", "", (SampleKey("", (("node", "x"),)),)),
}


@pytest.mark.parametrize("family", HOSTILE.values(), ids=HOSTILE)
def test_page__leaves_out_a_frame_that_would_spoil_it(family):
    """Names that are none, or a label that stands twice, cost their producer alone."""
    broken = Frame(Schema([family]), np.array([1.0]), 0, (("node", "n1"),))
    kept = cache()
    pieces = kept.page(snapshot({"bad": broken, "good": gauge("g", x=1)}), Format.TEXT)
    text = b"".join(pieces).decode()
    assert without_own(text) == page({"good": gauge("g", x=1)})
    assert "zerostate_monitoring_page_refused_series 1.0\n" in text


def test_page__that_could_not_be_made_is_made_the_next_time():
    """An error leaves nothing half-made behind."""
    labels: dict[str, str] = {"a b": "x"}
    kept = PageCache(dict, lambda: dict(labels))
    taken = snapshot({"a": gauge(x=1)})
    with pytest.raises(DefinitionError):
        kept.page(taken, Format.TEXT)
    with pytest.raises(DefinitionError):
        kept.page(taken, Format.TEXT)
    labels.clear()
    assert b'a{key="x"} 1.0' in b"".join(kept.page(taken, Format.TEXT))


def test_page__nobody_speaks_in_the_apps_name():
    """The app's own families come first; a producer that gives them or their samples is refused."""
    metric = Metric("zerostate_monitoring_store", "Mine.", "info")
    metric.add_sample("zerostate_monitoring_store_info", {"store": "mine"}, 1)
    pieces = cache().page(snapshot({"a": frame_of([metric], 0)}), Format.TEXT)
    text = b"".join(pieces).decode()
    assert 'store="s1"' in text
    assert 'store="mine"' not in text


@pytest.mark.parametrize(
    ("names", "lines"),
    [
        ({"h"}, 3),
        ({"h_sum"}, 1),
        ({"h_sum", "h_count"}, 2),
        ({"c_total"}, 1),
        ({"c"}, 1),
        ({"nothing"}, 0),
        ({"c", "h_bucket"}, 2),
    ],
)
def test_selection__by_name(names, lines):
    """name[] takes families and single samples, with the headers of what is left."""
    histogram = Metric("h", "Help.", "histogram")
    for suffix, labels in (("_bucket", {"le": "+Inf"}), ("_count", {}), ("_sum", {})):
        histogram.add_sample("h" + suffix, labels, 1)
    frames = {"a": frame_of([histogram], 0), "b": gauge("c", kind="counter", x=1)}
    shown = page(frames, selection=Selection(names=frozenset(names)))
    assert sum(not line.startswith("#") for line in shown.splitlines()) == lines
    assert shown.count("# TYPE") == len({name[0] for name in names} & {"h", "c"})


def test_selection__by_collector():
    """collect[] takes collectors by their names in admin, and nodes as one."""
    frames = {
        "collector:economic": gauge("e", x=1),
        "node:n1": gauge("n", x=1),
        "collector:own": gauge("o", x=1),
    }
    shown = page(frames, selection=Selection(collectors=frozenset({"nodes", "own"})))
    assert [line.split()[2] for line in shown.splitlines() if "TYPE" in line] == ["n", "o"]
