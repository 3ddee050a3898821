"""Pages of nodes become frames, as prometheus_client would read them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, Summary
from prometheus_client.exposition import generate_latest as text_page
from prometheus_client.openmetrics.exposition import generate_latest as openmetrics_page
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics_peer
from prometheus_client.parser import text_string_to_metric_families as text_peer

from zerostate_monitoring.exceptions import SourceError
from zerostate_monitoring.frames.families import frame_of
from zerostate_monitoring.sources.nodes.parse import PageParser


def parse(body, *, openmetrics=False, parser=None, target="n", max_series=10_000):
    raw = body if isinstance(body, bytes) else body.encode()
    found = parser or PageParser()
    return found.parse(target, raw, openmetrics=openmetrics, at=5.0, max_series=max_series)


def samples(page):
    return {(name, labels): value for name, labels, value in page.frame.samples()}


def same(frame, expected):
    assert frame.schema == expected.schema
    np.testing.assert_array_equal(frame.values, expected.values)
    assert {i: (e.labels, e.value) for i, e in frame.exemplars.items()} == {
        i: (e.labels, e.value) for i, e in expected.exemplars.items()
    }


NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,8}x", fullmatch=True)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=12)
NUMBERS = st.floats(width=64) | st.integers(-(10**20), 10**20).map(float) | st.just(-0.0)
LABELS = st.dictionaries(NAMES.filter(lambda n: not n.startswith("__")), TEXTS, max_size=3)


@st.composite
def registries(draw):
    families = []
    for name in draw(st.lists(NAMES, max_size=4, unique=True)):
        kind = draw(st.sampled_from(["gauge", "counter", "unknown"]))
        family = Metric(name, draw(TEXTS).strip(), kind)
        suffix = "_total" if kind == "counter" else ""
        sets = draw(
            st.lists(LABELS, min_size=1, max_size=4, unique_by=lambda d: (*sorted(d.items()),))
        )
        for labels in sets:
            value = draw(NUMBERS)
            if kind == "counter":
                value = abs(value) if not math.isnan(value) else 0.0
            family.add_sample(name + suffix, labels, value)
        families.append(family)

    class Fixed:
        def collect(self):
            return families

        def describe(self):
            return []

    registry = CollectorRegistry()
    registry.register(Fixed())
    return registry


@given(registries(), st.randoms())
@settings(deadline=None, max_examples=150)
def test_text__equals_prometheus_client(registry, random):
    """Whatever prometheus_client writes and reads again, both scrapes read as it does."""
    body = text_page(registry).decode()
    parser = PageParser()
    expected = frame_of(text_peer(body), 5.0)
    same(parse(body, parser=parser).frame, expected)
    same(parse(body, parser=parser).frame, expected)


@given(registries())
@settings(deadline=None, max_examples=150)
def test_openmetrics__equals_prometheus_client(registry):
    """What its OpenMetrics parser accepts, we read as it does."""
    body = openmetrics_page(registry).decode()
    try:
        expected = frame_of(openmetrics_peer(body), 5.0)
    except ValueError:
        return
    parser = PageParser()
    same(parse(body, openmetrics=True, parser=parser).frame, expected)
    same(parse(body, openmetrics=True, parser=parser).frame, expected)


@given(st.lists(NUMBERS, min_size=3, max_size=3), st.lists(NUMBERS, min_size=3, max_size=3))
@settings(deadline=None)
def test_second_scrape__reads_the_new_values(first, second):
    """The fast path gives the values of its own page, signs of zero and NaN included."""

    def body(values):
        return "# TYPE a gauge\n" + "".join(f'a{{i="{i}"}} {v!r}\n' for i, v in enumerate(values))

    parser = PageParser()
    parse(body(first), parser=parser)
    frame = parse(body(second), parser=parser).frame
    np.testing.assert_array_equal(frame.values, np.array(second))
    numbers = [i for i, value in enumerate(second) if not math.isnan(value)]
    signs = [bool(np.signbit(second[i])) for i in numbers]
    assert np.signbit(frame.values[numbers]).tolist() == signs


def test_instruments__all_types_and_exemplars_are_read():
    """Counters, summaries and histograms with exemplars come through OpenMetrics."""
    registry = CollectorRegistry()
    Counter("c", "C.", ["l"], registry=registry).labels("x").inc(2, {"trace_id": "abc"})
    Gauge("g", "G.", registry=registry).set(-1.5)
    Summary("s", "S.", registry=registry).observe(3)
    Histogram("h", "H.", registry=registry).observe(0.3, {"trace_id": "def"})
    body = openmetrics_page(registry).decode()
    parser = PageParser()
    for _ in range(2):
        page = parse(body, openmetrics=True, parser=parser)
        same(page.frame, frame_of(openmetrics_peer(body), 5.0))
        assert {e.labels[0][1] for e in page.frame.exemplars.values()} == {"abc", "def"}
    assert not any(name.endswith("_created") for name, *_ in page.frame.samples())


@pytest.mark.parametrize(
    ("text", "value"),
    [("NaN", math.nan), ("+Inf", math.inf), ("-Inf", -math.inf), ("-0", -0.0), ("1e+06", 1e6),
     ("5e-324", 5e-324), ("1.7976931348623157e+308", 1.7976931348623157e308), (".5", 0.5),
     ("18446744073709551617", 2.0**64), ("0.1", 0.1)],
)  # fmt: skip
def test_values__are_exact_on_both_paths(text, value):
    """Each spelling gives the same float64 on the first and on the second scrape."""
    parser = PageParser()
    for body in (f"a {text}\n", f"a {text}\n"):
        found = parse(body, parser=parser).frame.values[0]
        np.testing.assert_array_equal(found, value)
        assert np.signbit(found) == np.signbit(value)


@pytest.mark.parametrize(
    "rest", ["", "x", "1 2 3", "1_0", "0x10", "١", "null", "true", "1,2", "[1]"]
)
def test_bad_value__names_the_line_on_both_paths(rest):
    """A value that is none refuses the page and names line and reason."""
    parser = PageParser()
    parse("# HELP a b\na 1\n", parser=parser)
    for found in (PageParser(), parser):
        with pytest.raises(SourceError, match="line 2: ") as caught:
            parse(f"# HELP a b\na {rest}\n", parser=found)
        assert caught.value.kind == "invalid"


@pytest.mark.parametrize(
    "body",
    ["<html><body>hello</body></html>\n", "a{b=1} 1\n", 'a{b="1} 1\n', 'a{b="1",b="2"} 1\n',
     "a{b} 1\n", "1.5\n", "\x00\x01\x02\n", 'a{__x="1"} 1\n', "{} 1\n", "a1.5\n"],
)  # fmt: skip
def test_garbage__is_refused(body):
    """What is no exposition gives no frame at all."""
    with pytest.raises(SourceError, match="line 1: ") as caught:
        parse(body)
    assert caught.value.kind == "invalid"


@pytest.mark.parametrize("body", ["a 1\nb 2", "a 1\nb 2\nzerostate_long", 'a 1\nb{c="'])
def test_half_a_line__refuses_the_page(body):
    """A text page that does not end with a newline was cut."""
    with pytest.raises(SourceError, match="ends within a line") as caught:
        parse(body)
    assert caught.value.kind == "invalid"


def test_openmetrics_without_eof__is_refused():
    """An OpenMetrics page that lacks its end was cut."""
    with pytest.raises(SourceError, match="# EOF"):
        parse("# TYPE a gauge\na 1\n", openmetrics=True)


def test_duplicate_series__is_refused_and_named():
    """The first series that stands twice is named, whatever the order of its labels."""
    with pytest.raises(SourceError, match=r"line 2: series a.*stands twice") as caught:
        parse('a{b="1",c="2"} 1\na{c="2",b="1"} 2\n')
    assert caught.value.kind == "invalid"


def test_two_types__drop_that_family_alone():
    """A family with two TYPE lines is left out and reported; the others stay."""
    page = parse("# TYPE a gauge\na 1\n# TYPE b gauge\nb 1\n# TYPE a counter\n")
    assert page.refused == {"a": "has two TYPE lines"}
    assert samples(page) == {("b", ()): 1.0}


def test_gauge_and_counter_of_one_stem__the_first_stays():
    """Go's gauge x stays although there is a counter x_total, which is left out by name."""
    body = "# TYPE x gauge\nx 1\n# TYPE x_total counter\nx_total 5\n# TYPE b gauge\nb 1\n"
    page = parse(body)
    assert page.refused == {"x_total": "its name without _total is that of a gauge"}
    assert samples(page) == {("x", ()): 1.0, ("b", ()): 1.0}


def test_family_of_unknown_type__is_dropped_alone():
    """A type that the format does not have costs its family alone."""
    page = parse("# TYPE a funny\na 1\nb 2\n")
    assert list(page.refused) == ["a"]
    assert samples(page) == {("b", ()): 2.0}


def test_too_many_series__are_refused_before_they_are_built(monkeypatch):
    """A million series end in an error without a parse."""
    monkeypatch.setattr("zerostate_monitoring.sources.nodes.parse.read_page", None)
    body = "".join(f"a{i} 1\n" for i in range(1_000_000))
    with pytest.raises(SourceError, match="1000000 series, 50000") as caught:
        parse(body, max_series=50_000)
    assert caught.value.kind == "too_large"


def test_labels__escapes_nul_and_length_come_through():
    """Quotes, backslashes, newlines, NUL and 10 kB are kept as they are."""
    long = "x" * 10_000
    page = parse('a{b="q\\"\\\\\\n\x00}",c="' + long + '"} 1\n')
    assert samples(page) == {("a", (("b", 'q"\\\n\x00}'), ("c", long))): 1.0}


def test_invalid_utf8__becomes_the_replacement_character():
    """Bytes that are no UTF-8 do not cost the page."""
    assert samples(parse(b'a{b="\xff\xfe"} 1\n')) == {("a", (("b", "\ufffd\ufffd"),)): 1.0}


def test_timestamps__are_checked_and_dropped():
    """A timestamp is read over on both paths; a wrong one is an error."""
    parser = PageParser()
    parse("a 1 1700000000000\n", parser=parser)
    assert samples(parse("a 2 1700000000001\n", parser=parser)) == {("a", ()): 2.0}
    with pytest.raises(SourceError, match="line 1"):
        parse("a 2 yesterday\n", parser=parser)


@pytest.mark.parametrize(
    "changed",
    ['a{b="2"} 1\na{b="3"} 2\n', 'a{b="1"} 1\n', 'a{b="1"} 1\na{b="2"} 2\na{b="3"} 3\n',
     '# HELP a x\na{b="1"} 1\na{b="2"} 2\n', '5\na{b="2"} 2\n'],
)  # fmt: skip
def test_changed_page__is_never_read_by_the_old_layout(changed):
    """Whatever differs beside the values leads to a full parse."""
    parser = PageParser()
    parse('a{b="1"} 1\na{b="2"} 2\n', parser=parser)
    try:
        expected = samples(parse(changed))
    except SourceError:
        with pytest.raises(SourceError):
            parse(changed, parser=parser)
    else:
        assert samples(parse(changed, parser=parser)) == expected


def test_equal_targets__share_one_layout():
    """A new target whose page has a known shape is not parsed in full, and costs nothing more."""
    parser = PageParser()
    first = parse("a 1\n", parser=parser, target="n1")
    second = parse("a 2\n", parser=parser, target="n2")
    assert second.frame.schema is first.frame.schema


def test_equal_pages__count_once_in_the_memory():
    """A fleet of one kind takes the room of one node; the last user frees it."""
    parser = PageParser(max_targets=3, max_series=4)
    for number in range(5):
        parse("a 1\nb 1\n", parser=parser, target=f"n{number}")
    assert [f"n{number}" in parser._memory for number in range(5)] == [True] * 3 + [False] * 2
    assert parser._memory.series == 2
    for name in ("n0", "n0", "n1", "n2"):
        parser.forget(name)
    assert parser._memory.series == 0


def test_comments__are_bounded_with_the_series():
    """A page of nothing but comments is no way around the limits."""
    body = "#\n" * 60
    with pytest.raises(SourceError, match="60 lines") as caught:
        parse(body, max_series=10)
    assert caught.value.kind == "too_large"
    parser = PageParser(max_series=10)
    parse(body, parser=parser, max_series=50)
    assert "n" not in parser._memory


def test_interleaved_families__values_stay_with_their_series():
    """Lines of one family that stand apart are brought together with their values."""
    body = '# TYPE a gauge\n# TYPE b gauge\na{{x="1"}} {}\nb {}\na{{x="2"}} {}\n'
    parser = PageParser()
    for values in ((1, 2, 3), (4, 5, 6)):
        found = samples(parse(body.format(*values), parser=parser))
        assert found == {
            ("a", (("x", "1"),)): values[0],
            ("b", ()): values[1],
            ("a", (("x", "2"),)): values[2],
        }


def test_empty_page__has_no_samples():
    """A node that has nothing to say is a node that answers."""
    assert samples(parse("")) == {}
    assert samples(parse("# EOF\n", openmetrics=True)) == {}


def test_native_histograms__are_dropped_by_name():
    """OpenMetrics' native histograms cost their family alone."""
    native = 'h {count:1,sum:2.0}\nh{a="b"} {count:1,sum:2.0}\n'
    body = f"# TYPE h histogram\n{native}# TYPE a gauge\na 1\n# EOF\n"
    page = parse(body, openmetrics=True)
    assert list(page.refused) == ["h"]
    assert samples(page) == {("a", ()): 1.0}


QUOTED = (
    '{"m","a b"="v"} 1',
    '{"m","x\\nzerostate_node_up{node=\\"ghost\\"} 1\\n#"="v"} 1',
    'm{"a:b"="v"} 1',
    '{"m","é"="v"} 1',
)


@pytest.mark.parametrize("line", QUOTED)
@pytest.mark.parametrize("openmetrics", [False, True])
def test_names_that_need_quotes__cost_their_family_alone(line, openmetrics):
    """No name that a page without quotes cannot hold comes further than the parser."""
    body = f"# TYPE m gauge\nm 1\n{line}\n# TYPE a gauge\na 1\n"
    page = parse(body + "# EOF\n" * openmetrics, openmetrics=openmetrics)
    assert page.refused == {"m": "has names that need quotes"}
    assert samples(page) == {("a", ()): 1.0}


@pytest.mark.parametrize("typed", [True, False])
def test_family_whose_name_needs_quotes__is_refused_alone(typed):
    """The name of a family is held to the same."""
    body = '# TYPE "a b" gauge\n' * typed + '{"a b"} 1\na 1\n{"b",c="d"} 1\n{"e","f"="g"} 1\n'
    page = parse(body)
    assert page.refused == {"a b": "has names that need quotes"}
    assert samples(page) == {
        ("a", ()): 1.0,
        ("b", (("c", "d"),)): 1.0,
        ("e", (("f", "g"),)): 1.0,
    }


@pytest.mark.parametrize(
    "labels", ['{"a b"="v"}', '{"x\\n# EOF"="v"}', '{"name"}', '{t="%s"}' % ("x" * 128)]
)
def test_exemplar_that_no_page_may_hold__is_dropped(labels):
    """Its sample stays."""
    page = parse(f"# TYPE a counter\na_total 1 # {labels} 1\n# EOF\n", openmetrics=True)
    assert samples(page) == {("a_total", ()): 1.0}
    assert page.frame.exemplars == {}


def test_exemplars__stand_on_totals_and_buckets_alone():
    """Elsewhere OpenMetrics has no place for them; what they say need not be finite."""
    body = (
        '# TYPE g gauge\ng 1 # {t="g"} 1\n# TYPE c counter\nc_total 1 # {t="c"} NaN\n'
        '# TYPE h histogram\nh_bucket{le="+Inf"} 1 # {t="h"} +Inf\nh_count 1 # {t="n"} 1\n'
        '# TYPE i counter\ni_total{x="1"} 1\nh_sum 1 # {t="s"} 1\ni_total{x="2"} 2 # {t="i"} 1\n'
        "# EOF\n"
    )
    page = parse(body, openmetrics=True)
    keys = [f.name + key.suffix for f in page.frame.schema.families for key in f.samples]
    found = {(keys[i], dict(e.labels)["t"]) for i, e in page.frame.exemplars.items()}
    assert found == {("c_total", "c"), ("h_bucket", "h"), ("i_total", "i")}


@pytest.mark.parametrize(
    ("unit", "kept"), [("seconds", "seconds"), ("bytes", ""), ('x"\\n', ""), ("a_seconds", "")]
)
def test_unit__is_kept_where_the_name_ends_in_it(unit, kept):
    """OpenMetrics wants that; anything else could not stand on a page."""
    body = f"# TYPE a_seconds gauge\n# UNIT a_seconds {unit}\na_seconds 1\n# EOF\n"
    page = parse(body, openmetrics=True)
    assert page.frame.schema.families[0].unit == ("" if unit == "a_seconds" else kept)
