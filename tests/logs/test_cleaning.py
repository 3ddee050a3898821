"""What may stand in a line."""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import uuid

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.logs.cleaning import (
    DEEPEST,
    LONGEST_TEXT,
    MOST_ITEMS,
    Cleaner,
    cut,
    key_of,
    one_line,
    visible,
)
from zerostate_monitoring.logs.redaction import Redactor

CLEANER = Cleaner(Redactor())
ANY_TEXT = st.text(st.characters(exclude_categories=()))
BASIC = st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT | st.binary()
VALUES = st.recursive(
    BASIC, lambda inner: st.lists(inner) | st.dictionaries(ANY_TEXT, inner) | st.sets(st.integers())
)
MEGABYTE = 1024 * 1024


class Colour(enum.Enum):
    RED = "red"


class Broken:
    def __repr__(self):
        raise RuntimeError("no")


class Request:
    META = {"QUERY_STRING": "token=x"}
    method, path = "GET", "/a"


@given(ANY_TEXT)
def test_visible__leaves_nothing_that_a_terminal_obeys(text):
    """No control characters but newline and tab, nothing that turns text, no half a pair."""
    made = visible(text)
    assert not any(ord(c) < 32 and c not in "\n\t" for c in made)
    assert not {"\x7f", "\x9b", "\u202e", "\u2066", "\u2028", "\u200b", "\ufeff"} & set(made)
    made.encode()


@given(ANY_TEXT)
def test_one_line__is_one(text):
    """Whatever was sent cannot begin a line of its own."""
    assert len(one_line(text).splitlines()) <= 1


def test_visible__spells_out_what_it_takes_away():
    """An escape sequence can be read, and other scripts stay as they are."""
    assert visible("a\x1b[31mb\u202e Ω 日本") == "a\\x1b[31mb\\u202e Ω 日本"
    assert one_line("a\r\nb\tc") == "a\\x0d\\nb\\tc"


def test_cut__names_the_length():
    """What was left out is said."""
    assert cut("abcdef", 3) == "abc… [6 characters]"
    assert cut("abc", 3) == "abc"


def test_value__of_a_megabyte_is_cut():
    """Its length is named, and no more than a part is looked at."""
    made = CLEANER.value("x" * MEGABYTE)
    assert len(made) < LONGEST_TEXT + 50
    assert made.endswith(f"[{MEGABYTE} characters]")
    assert CLEANER.value(b"x" * MEGABYTE) == f"[{MEGABYTE} bytes]"


@given(VALUES)
def test_value__is_always_json(value):
    """JSON takes it, whatever it was."""
    orjson.dumps(CLEANER.value(value))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (2**53, "9007199254740992"),
        pytest.param(10**5000, "[number of 16610 bits]", id="enormous"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        (decimal.Decimal("1.50"), "1.50"),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (dt.datetime(2026, 1, 2, tzinfo=dt.UTC), "2026-01-02T00:00:00+00:00"),
        (dt.timedelta(seconds=90), "90.0 s"),
        (Colour.RED, "red"),
        (ValueError("no"), "ValueError: no"),
        (ValueError, "builtins.ValueError"),
        (Broken(), "[Broken, not shown: RuntimeError]"),
        (Request(), "GET /a"),
        (True, True),
        (1.5, 1.5),
    ],
)
def test_value__of_other_kinds(value, shown):
    """Each has a text of its own; what cannot be shown says so."""
    assert CLEANER.value(value) == shown


def test_value__that_holds_itself_ends():
    """Depth and breadth are bounded."""
    ring: list[object] = []
    ring.append(ring)
    made = CLEANER.value(ring)
    for _ in range(DEEPEST):
        [made] = made
    assert made == "[list of 1]"
    assert len(CLEANER.value(list(range(10_000)))) == MOST_ITEMS + 1
    assert CLEANER.pairs(dict.fromkeys(map(str, range(100))))["more_keys"] == 100 - MOST_ITEMS


def test_keys__are_plain():
    """A key cannot hold what a value may not."""
    assert key_of('a"b\n\x1b[31m') == "a_b___31m"
    assert key_of("") == "_"
    assert len(key_of("k" * 1000)) == 64
