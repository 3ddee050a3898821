"""Matchers: Alertmanager's syntax and meaning."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.rules import matchers as rules
from zerostate_monitoring.rules.matchers import (
    LONGEST,
    MOST,
    Matcher,
    Remembering,
    compile_matchers,
    format_matchers,
    meets,
    parse_matchers,
)

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
PATTERNS = st.sampled_from(["a|b", "edge-.*", ".+", ".*", "", r"\d{2}", "[^x]"])
MATCHERS = st.one_of(
    st.builds(Matcher, TEXTS.filter(bool), st.sampled_from(["=", "!="]), TEXTS),
    st.builds(Matcher, TEXTS.filter(bool), st.sampled_from(["=~", "!~"]), PATTERNS),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('severity="critical"', [("severity", "=", "critical")]),
        ("severity=critical", [("severity", "=", "critical")]),
        (" { a = b , c != d , } ", [("a", "=", "b"), ("c", "!=", "d")]),
        ('a=~"x.*"\nb!~y\n\n', [("a", "=~", "x.*"), ("b", "!~", "y")]),
        ("a=b,\n\nc=d", [("a", "=", "b"), ("c", "=", "d")]),
        ('"node name"="ä, b"', [("node name", "=", "ä, b")]),
        ("größe=µ", [("größe", "=", "µ")]),
        (r'a="x\ny\"\\"', [("a", "=", 'x\ny"\\')]),
        ('a=""', [("a", "=", "")]),
        ("a=~x.y*(z)+?", [("a", "=~", "x.y*(z)+?")]),
        ("{}", []),
        (" \n ", []),
    ],
)
def test_text__is_read_as_alertmanager_reads_it(text, expected):
    """Bare and quoted, in braces or not, by commas or lines."""
    assert parse_matchers(text) == tuple(Matcher(*one) for one in expected)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a=b\nc", "Line 2: behind c stands =, !=, =~ or !~, and a value."),
        ("a=b\nc=", "Line 2: a value of c is missing."),
        ("a=b c=d", "Line 1: a comma or a new line is missing before c."),
        ("a==b", "Line 1: a value of a is missing before =."),
        ("a!b", "Line 1: behind ! stands = or ~."),
        ("=b", "Line 1: the name of a label is missing before =."),
        ('""=b', "Line 1: the name of a label is empty."),
        ("a=b,,c=d", "Line 1: the name of a label is missing before ,."),
        ("{a=b", "Line 1: the brace at the beginning is not closed by }."),
        ("a=b}", "Line 1: } is too much."),
        ("{a=b}\nc=d", "Line 2: c is too much."),
        ('x=y\na="b', "Line 2: a double quote is missing at the end of a text."),
        ("a='b'", "Line 1: ' can stand in a text in double quotes only."),
        ('a="b\nc"', "Line 1: a text in quotes ends on the next line"),
        ('a=~"("', "Line 1: '(' is no regular expression"),
        (r'a=~"(?=x)"', "is no regular expression"),
        (r'a="\q"', r"Line 1: \q is no complete escape."),
        (r'a="\xff"', "Line 1: escapes stand for bytes that are no UTF-8."),
    ],
)
def test_broken_text__is_refused_with_line_and_reason(text, said):
    """Whoever wrote it learns where to look and what to write."""
    with pytest.raises(RuleError) as raised:
        parse_matchers(text)
    assert said in str(raised.value)


def test_too_much_text__is_refused():
    """Neither a long text nor many matchers can cost much."""
    with pytest.raises(RuleError, match="characters"):
        parse_matchers("a" * (LONGEST + 1))
    with pytest.raises(RuleError, match="101 matchers; 100"):
        parse_matchers("a=b\n" * (MOST + 1))
    with pytest.raises(RuleError, match="too large"):
        parse_matchers(r'a=~"((\\pL{10}){10}){9}"')


@given(st.lists(MATCHERS, max_size=5).map(tuple))
def test_matchers__are_read_back_as_they_were_written(matchers):
    """Written and read, they are the same; names and values may hold anything."""
    assert parse_matchers(format_matchers(matchers)) == matchers


@given(st.text(max_size=60))
def test_any_text__is_matchers_or_a_rule_error(text):
    """No text does anything else."""
    with suppress(RuleError):
        assert all(isinstance(one, Matcher) for one in parse_matchers(text))


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ("a=b", {"a": "b"}, True),
        ("a=b", {"a": "bc"}, False),
        ("a=~b", {"a": "bc"}, False),
        ("a=~b|c", {"a": "c"}, True),
        ("a=~b.*", {"a": "bcd"}, True),
        ("a=~.*b", {"a": "b\n"}, False),
        ("a!~b.*", {"a": "xbcd"}, True),
        ("a=b,c=d", {"a": "b", "c": "x"}, False),
        ('a=""', {}, True),
        ("a!=b", {}, True),
        ("a!~b", {}, True),
        ("a=~.*", {}, True),
        ("a=~.+", {}, False),
        ('a!=""', {}, False),
        ("", {}, True),
    ],
)
def test_labels__meet_matchers_as_in_alertmanager(text, labels, expected):
    """Regular expressions fit as a whole; a missing label is empty, to negative matchers too."""
    assert meets(parse_matchers(text), labels) is expected


def test_compiling__refuses_a_matcher_that_was_never_read():
    """A broken pattern made in code is a rule error, as from a text."""
    with pytest.raises(RuleError, match="no regular expression"):
        compile_matchers([Matcher("a", "=~", "(")])


def test_remembering__asks_an_expression_once_for_each_value(monkeypatch):
    """Also where many texts have the same one; what it says is what it said."""
    asked = []

    def predicate(matcher):
        def fits(value):
            asked.append(value)
            return value.startswith("n")

        return fits

    monkeypatch.setattr(rules, "_compiled", predicate)
    remembering = Remembering()
    tests = [remembering.compile([Matcher("node", "=~", "n.+")]) for _ in range(3)]
    values = ["n1", "m1", "n1", "m1"]
    assert [[test({"node": value}) for value in values] for test in tests] == [
        [True, False] * 2
    ] * 3
    assert asked == ["n1", "m1"]


@given(st.lists(MATCHERS, max_size=4).map(tuple), st.dictionaries(TEXTS, TEXTS, max_size=3))
def test_remembering__says_what_is_said_without(matchers, labels):
    """Whatever the order in which matchers are asked."""
    named = {one.name: labels.get(one.name, "edge-1") for one in matchers}
    for given_labels in (labels, named):
        test = Remembering().compile(matchers)
        assert test(given_labels) is meets(matchers, given_labels)
        assert test(given_labels) is all(meets([one], given_labels) for one in matchers)
