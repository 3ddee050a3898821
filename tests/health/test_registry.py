"""Checks register like collectors."""

from __future__ import annotations

from uuid import uuid4

import pytest

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.health import CHECKS, Check, CheckRegistry, check, healthy


@pytest.fixture
def registry():
    return CheckRegistry()


def test_check__is_registered_and_stays_a_function(registry):
    """The decorated function can be called as before; times may be functions, read late."""
    seconds = [3.0]

    @check("warehouse", timeout=lambda: seconds[0], registry=registry)
    def answers():
        return healthy("yes")

    assert answers().message == "yes"
    assert list(registry) == ["warehouse"]
    seconds[0] = 4.0
    assert registry["warehouse"].timeout_seconds == 4.0


@pytest.mark.parametrize("broken", [lambda: 1 / 0, lambda: "soon", lambda: 0, lambda: -1.0])
def test_check__a_time_that_cannot_be_had_is_the_usual_one(registry, broken, caplog):
    """A broken setting or function costs no check, and is told of, once."""
    name = f"a{uuid4().hex[:8]}"
    check(name, timeout=broken, keep=broken, registry=registry)(healthy)
    for _ in range(3):
        assert (registry[name].timeout_seconds, registry[name].keep_seconds) == (2.0, 1.0)
    told = [(one.msg, one.component, one.time, one.used) for one in caplog.records]
    event = "health_time_not_usable"
    assert sorted(told) == [(event, name, "keep", 1.0), (event, name, "timeout", 2.0)]


@pytest.mark.parametrize("name", ["", "Shop", "9lives", "a b", "a" * 51, "process", "ä", 5, None])
def test_check__refuses_a_name_that_cannot_be_told(registry, name):
    """A name is a label value and a key; the process's own is taken."""
    with pytest.raises(ConfigurationError, match="no name of a check"):
        check(name, registry=registry)(healthy)


WRONG = [0, -1, float("inf"), float("nan"), "2", "soon", None, True, [2]]


@pytest.mark.parametrize("seconds", WRONG)
@pytest.mark.parametrize("what", ["timeout", "keep"])
def test_check__refuses_times_that_are_none(registry, what, seconds):
    """One that never ends, or has ended already, or is no number: place and value are named."""
    with pytest.raises(ConfigurationError, match=rf"healthy: {what} is .*seconds above 0"):
        check("a", registry=registry, **{what: seconds})(healthy)


async def _coroutine():
    return healthy()


@pytest.mark.parametrize("ask", [_coroutine, None, "database"])
def test_check__refuses_what_cannot_be_asked(registry, ask):
    """A coroutine would never be awaited: it is said what to do instead of each time why."""
    with pytest.raises(ConfigurationError, match="async_to_sync"):
        registry.add(Check("a", ask, 1.0, 1.0, "project", "here"))


def test_check__refuses_a_name_that_another_place_has(registry):
    """Both places are named; the same one may register again, as a reload does."""

    def first():
        return healthy()

    def second():
        return healthy()

    check("a", registry=registry)(first)
    check("a", registry=registry)(first)
    with pytest.raises(ConfigurationError, match=r"first.*second"):
        check("a", registry=registry)(second)
    registry.discard("a")
    check("a", registry=registry)(second)


def test_registry__has_what_the_issue_names():
    """The app's own checks are there as soon as it is installed."""
    assert set(CHECKS) >= {
        *("database", "redis", "broker", "worker", "beat"),
        *("collectors", "evaluation", "outbox", "disk"),
        *("p2p", "dht", "execution", "payment", "guild", "storage"),
    }
