"""What matchers take."""

from __future__ import annotations

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.promql import matchers as module
from zerostate_monitoring.promql.matchers import (
    LONGEST_PATTERN,
    compile_matcher,
    compile_regex,
    format_matcher,
    meets_all,
)
from zerostate_monitoring.promql.nodes import Matcher

# What makes patterns interesting, and newlines.
patterns = st.text("ab.*+?|()[]^$\\\n", max_size=8)
values = st.text("ab.|\n", max_size=6)


@given(patterns, values)
def test_compile_regex__agrees_with_re2(pattern, value):
    """The fast ways change nothing: RE2, anchored at both ends, the dot takes newlines."""
    options = re2.Options()
    options.log_errors = False
    options.dot_nl = True
    try:
        expected = re2.compile(pattern, options).fullmatch(value) is not None
    except re2.error:
        with pytest.raises(QueryError):
            compile_regex(pattern)
    else:
        assert compile_regex(pattern)(value) is expected


@pytest.mark.parametrize(
    ("op", "pattern", "taken", "refused"),
    [
        ("=", "a", ["a"], ["", "ab"]),
        ("!=", "a", ["", "ab"], ["a"]),
        ("=~", "a|b", ["a", "b"], ["", "ab", "a|b"]),
        ("=~", "a|", ["a", ""], ["b"]),
        ("=~", "", [""], ["a"]),
        ("=~", ".*", ["", "a\nb"], []),
        ("=~", ".+", ["a\nb", "\n"], [""]),
        ("=~", "a.c", ["a\nc"], ["abcd", "xabc"]),
        ("=~", "(?i)ab", ["aB"], ["abc"]),
        ("=~", "ä+", ["ää"], ["a"]),
        ("!~", "a.*", ["", "b"], ["a", "ab"]),
    ],
)
def test_compile_matcher__takes_the_whole_value(op, pattern, taken, refused):
    """A missing label has the empty value."""
    fits = compile_matcher(Matcher("l", op, pattern))
    assert [value for value in [*taken, *refused] if fits(value) is True] == taken


@pytest.mark.parametrize(
    "pattern", ["(", "a)", "*", "[z-a]", "a{2,1}", "(?=a)", r"\1", r"\C", "a{1001}"]
)
def test_compile_matcher__refuses_what_prometheus_refuses(pattern, capfd):
    """The message says why; nothing goes to the standard error."""
    with pytest.raises(QueryError, match=r"\w"):
        compile_matcher(Matcher("l", "=~", pattern))
    assert capfd.readouterr() == ("", "")


def test_format_matcher__quotes_names_that_are_not_plain():
    """Names in UTF-8 stand in quotes, and the empty one."""
    assert format_matcher(Matcher("a_1", "!~", 'b"')) == r'a_1!~"b\""'
    assert format_matcher(Matcher("a.b", "=", "")) == '"a.b"=""'
    assert format_matcher(Matcher("", "=", "x")) == '""="x"'


@pytest.mark.parametrize(
    "pattern", ["(.{1000}){1000}", "(a{1000}|b{1000}){100}", r"\pL" * 2000, ".{1000}" * 20]
)
def test_compile_regex__refuses_what_takes_much_memory(pattern):
    """Or so many steps for each character that no time limit could be kept."""
    with pytest.raises(QueryError, match=r"too large|repetition"):
        compile_regex(pattern)


def test_compile_regex__has_a_longest_pattern():
    """Words between bars are looked up, and may be as many as the query holds."""
    assert compile_regex("(?i)" + "a" * (LONGEST_PATTERN - 4))("A" * (LONGEST_PATTERN - 4))
    with pytest.raises(QueryError, match="it has 10,001 characters, of which 10,000"):
        compile_regex("." + "a" * LONGEST_PATTERN)
    words = "|".join(f"host-{n}" for n in range(5000))
    assert compile_regex(words)("host-4999")


def test_meets_all__is_as_all_matchers_are():
    """A missing label is an empty one."""
    meets = meets_all([Matcher("a", "=~", "x|y.*"), Matcher("b", "=", ""), Matcher("c", "!~", "z")])
    given = [{"a": "x"}, {"a": "yes", "c": "y"}, {"a": "z"}, {"a": "x", "b": "1"}]
    given += [{"a": "x", "c": "z"}, {}]
    found = [meets(tuple(labels.items())) for labels in given]
    assert found == [True, True, False, False, False, False]


def test_meets_all__looks_at_each_value_once(monkeypatch):
    """And forgets where there are too many."""
    looks = []
    monkeypatch.setattr(module, "_REMEMBERED", 3)
    meets = meets_all([Matcher("a", "=~", "x.*")], lambda: looks.append(1))
    for _ in range(5):
        assert [meets((("a", value),)) for value in ("x1", "y1", "x2")] == [True, False, True]
    assert len(looks) == 3
    assert meets((("a", "x3"),))
    assert meets((("a", "x1"),))
    assert len(looks) == 5


@pytest.mark.parametrize("op", ["=", "=~"])
def test_meets_all__looks_at_the_clock(op):
    """What the check raises comes through, at latest after some hundred label sets."""

    def check():
        raise TimeoutError

    meets = meets_all([Matcher("a", op, "x.*")], check)
    with pytest.raises(TimeoutError):
        [meets((("a", "1"),)) for _ in range(200)]
