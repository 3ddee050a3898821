"""What lines have in common, and what goes along with a message."""

from __future__ import annotations

from contextvars import copy_context

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring import logs
from zerostate_monitoring.logs import context
from zerostate_monitoring.logs.context import CARRIED, LONGEST, carried, clear, current, defer


def test_bind__until_it_is_cleared():
    """Keys stand until somebody takes them away."""
    logs.bind(node="n1", guild=7)
    assert current() == {"node": "n1", "guild": "7"}
    logs.bind(node=None)
    assert current() == {"guild": "7"}
    clear()
    assert current() == {}


def test_bound__gives_back_what_stood_before():
    """Also where the block ends by an error."""
    logs.bind(node="n1")
    inside = {}

    @logs.bound(node="n2", channel="c")
    def fail():
        inside.update(current())
        raise ValueError

    with pytest.raises(ValueError):
        fail()
    assert inside == {"node": "n2", "channel": "c"}
    assert current() == {"node": "n1"}


def test_bind__is_structlogs_own():
    """A project's own lines have the same context."""
    logs.bind(node="n1")
    assert structlog.contextvars.get_contextvars() == {"node": "n1"}


def test_bind__without_structlog_does_nothing(monkeypatch):
    """Nothing is imported for it, and nothing breaks."""
    monkeypatch.setattr(context, "loaded", lambda name: None)
    logs.bind(node="n1")
    with logs.bound(guild="g"):
        assert current() == {}
    clear()


def test_begin__gives_back_what_stood_before():
    """A nested one leaves the outer one as it was; a value that is not known binds nothing."""
    outer = context.begin({"guild": "g", "channel": None})
    inner = context.begin({"guild": 7, "channel": "c"})
    assert current() == {"guild": "7", "channel": "c"}
    context.end(inner)
    assert current() == {"guild": "g"}
    context.end(outer)
    assert current() == {}


def test_end__in_another_context_is_harmless():
    """A generator that another task closes: nobody's lines change, nothing is raised."""
    before = copy_context().run(context.begin, {"guild": "g"})
    logs.bind(guild="mine")
    context.end(before)
    context.end(context.begin({}))
    assert current() == {"guild": "mine"}


def test_deferred__is_named_once_it_is_known():
    """A user is not asked for, and named as soon as somebody has."""
    known = []
    who = type("Who", (), {"resolve": lambda self: known[0] if known else None})()
    defer(user_id=who)
    assert current() == {}
    known.append("7")
    assert current() == {"user_id": "7"}
    assert carried({"user_id": who}) == {"user_id": "7"}


@given(st.one_of(st.none(), st.integers(), st.text(), st.dictionaries(st.text(), st.text())))
def test_carried__takes_known_keys_alone(given_context):
    """Whatever somebody put into a message."""
    assert carried(given_context).keys() <= CARRIED


def test_carried__is_short():
    """A megabyte does not go through the broker."""
    made = carried({"request_id": "x" * 1024 * 1024, "junk": "y", "guild": 5})
    assert made == {"request_id": "x" * LONGEST, "guild": "5"}
