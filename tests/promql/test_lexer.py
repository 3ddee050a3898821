"""Tokens and their positions."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.promql.strategies import texts
from zerostate_monitoring.exceptions import QuerySyntaxError
from zerostate_monitoring.promql.lexer import MAX_TOKENS, tokenize
from zerostate_monitoring.promql.numerals import format_number, parse_number
from zerostate_monitoring.promql.quoting import quote


def value(text):
    """The value of the one token of ``text``."""
    token, end = tokenize(text)
    assert end.kind == "end"
    return token.value


def attempt(text):
    """The tokens of ``text``, or the error."""
    try:
        return tokenize(text), None
    except QuerySyntaxError as error:
        return [], error


def refused(text):
    """The part of ``text`` that the error points to."""
    with pytest.raises(QuerySyntaxError) as caught:
        tokenize(text)
    return text[caught.value.start : caught.value.end]


@given(st.text(max_size=40))
def test_tokenize__refuses_or_cuts_any_text(text):
    """Tokens stand in order and hold their own text; an error points into the text."""
    tokens, error = attempt(text)
    if error:
        assert 0 <= error.start <= error.end <= len(text)
    assert [text[t.start : t.end] for t in tokens] == [t.text for t in tokens]
    assert [t.start for t in tokens] == sorted(t.start for t in tokens)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("a:b{c=~'d'} # e", ["name", "{", "name", "=~", "string", "}"]),
        ("x[1h:5m]", ["name", "[", "duration", ":", "duration", "]"]),
        ("x[1h:]", ["name", "[", "duration", ":", "]"]),
        (":x:", ["name"]),
        ("a!=b", ["name", "!=", "name"]),
        ("1+-.5", ["number", "+", "-", "number"]),
        ("# nothing", []),
        ("\t\r\n ", []),
    ],
)
def test_tokenize__knows_where_it_is(text, kinds):
    """Colons, numbers and operators mean different things in braces and brackets."""
    assert [token.kind for token in tokenize(text)] == [*kinds, "end"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("1.", 1),
        (".5", 0.5),
        ("1_000.5_0e1_0", 1000.5e10),
        ("1e-400", 0),
        ("0x1F", 31),
        ("0x_f_f", 255),
        ("0755", 493),
        ("0_7", 7),
        ("08", 8),
        ("019.5", 19.5),
        ("0777777777777777777777777", 777777777777777777777777.0),
        ("inf", math.inf),
        ("INF", math.inf),
        ("9" * 400 + "e-399", 9.999999999999999),
    ],
)
def test_numbers__are_those_of_go(text, number):
    """Decimal, hexadecimal, octal where the digits allow it, underscores between digits."""
    assert value(text) == pytest.approx(number)


@pytest.mark.parametrize(
    "text",
    ["1e", "1e400", "1__0", "1_", "0x", "0xg", "0x1p3", "0b1", "0o7", "1..2", "1_.5", "12abc"],
)
def test_numbers__refuses_the_whole_word(text):
    """What begins like a number and is none is shown whole."""
    assert refused(f"x + {text}") == text


@given(st.floats(allow_nan=False, min_value=0))
def test_numbers__are_read_as_they_are_written(number):
    """No digit is lost, and none is written that is not needed."""
    written = format_number(number)
    assert "e" not in written
    assert parse_number(written.removeprefix("+")) == number


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h30m", 5400),
        ("1y1w1d1h1m1s1ms", 365 * 86400 + 8 * 86400 + 3661.001),
        ("0s", 0),
        ("250ms", 0.25),
        ("292y", 292 * 365 * 86400),
        ("0000000000000000000m", 0),
    ],
)
def test_durations__are_seconds(text, seconds):
    """A day has 24 hours, a year 365 days."""
    assert value(text) == seconds


@pytest.mark.parametrize("text", ["5m30", "1m1h", "1h1h", "1ms1s", "5M", "1.5m", "300y", "1hs"])
def test_durations__have_each_unit_once_from_large_to_small(text):
    """What begins like a duration and is none is shown whole."""
    assert refused(f"x + {text}") == text


def test_numbers__refuses_integers_that_are_no_float():
    """Go knows a hexadecimal number beyond 64 bits neither as an integer nor as a float."""
    assert refused("0xffffffffffffffffff") == "0xffffffffffffffffff"


@pytest.mark.parametrize(
    ("text", "string"),
    [
        (r'"a\a\b\f\n\r\t\v\\\""', 'a\a\b\f\n\r\t\v\\"'),
        (r"'\''", "'"),
        (r'"\x41\101\u0041\U00000041"', "AAAA"),
        (r'"\xe2\x82\xac"', "€"),
        (r'"\xff"', "\N{REPLACEMENT CHARACTER}"),
        ("`\\n\n\"'`", "\\n\n\"'"),
        ('"\'`"', "'`"),
        ('""', ""),
    ],
)
def test_strings__know_the_escapes_of_go(text, string):
    """Bytes make characters together; those that make none are replaced."""
    assert value(text) == string


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (r'"a\qb"', r"\q"),
        (r'"\' "', r"\'"),
        (r"'\"'", r"\""),
        (r'"\x4"', r"\x"),
        (r'"\777"', r"\777"),
        (r'"\ud800"', r"\ud800"),
        (r'"\U00110000"', r"\U00110000"),
        ('"a\nb"', '"a'),
        ('x{a="b}', '"b}'),
        ("`a", "`a"),
        ('"a\\', '"a\\'),
        ('"a\\\nb"', '"a\\'),
        ('"a\ufffd"', "\ufffd"),
        ('"\ud800"', "\ud800"),
    ],
)
def test_strings__refuses_at_the_place(text, wrong):
    """The error points to the escape or to the string that has no end."""
    assert refused(text) == wrong


@given(texts)
def test_strings__are_read_as_they_are_written(text):
    """Quoting loses nothing and stays on one line."""
    written = quote(text)
    assert value(written) == text
    assert written.isprintable()


@pytest.mark.parametrize(
    ("text", "wrong"),
    [("a && b", "&"), ("a ! b", "!"), ("a =~ b", "~"), ("é", "é"), ("x{5}", "5"), ("x{a:b}", ":")],
)
def test_tokenize__refuses_characters_without_meaning(text, wrong):
    """The error points to the first of them."""
    assert refused(text) == wrong


def test_tokenize__refuses_more_tokens_than_the_limit():
    """The last token that is allowed is taken; the error points to the next."""
    assert len(tokenize("+" * MAX_TOKENS)) == MAX_TOKENS + 1
    with pytest.raises(QuerySyntaxError, match="2,000") as caught:
        tokenize("+" * (MAX_TOKENS + 1))
    assert caught.value.start == MAX_TOKENS


@pytest.mark.parametrize(
    "text",
    [
        " ",
        "#",
        "# \n",
        "a",
        "9",
        "0",
        "0x",
        "9m",
        "_",
        "(",
        '"',
        "`",
        '"\\',
        '"\\x41',
        "1e",
        "1_0.e+",
    ],
)
def test_tokenize__is_quick_with_a_megabyte(text):
    """No text makes it slower than its length."""
    started = time.perf_counter()
    _, error = attempt(text * (1_000_000 // len(text)))
    assert time.perf_counter() - started < 2
    assert error is None or len(error.message) < 400
