"""Asking for what expressions give."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.alerting.evaluation.harness import labels_of
from zerostate_monitoring.alerting.evaluation.asking import Bounds, EmbeddedAsker, RemoteAsker
from zerostate_monitoring.exceptions import QueryError, SourceError
from zerostate_monitoring.promql.data import Result, Sample, Vector
from zerostate_monitoring.promql.memory import MemoryStorage
from zerostate_monitoring.promql.querier import Options
from zerostate_monitoring.promql.steps import Limits

AT = 60_000
BOUNDS = Bounds(10, 10)


def embedded() -> EmbeddedAsker:
    storage = MemoryStorage([(labels_of("up", node="a"), [AT], [1.0])])
    return EmbeddedAsker(storage, AT, Limits(), {})


def test_embedded__answers_in_order_and_tells_errors_in_place() -> None:
    """A text that is no query, a string, a range: each costs itself alone."""
    texts = ["up", "sum(", "up[5m]", '"text"', "1 > bool 2", "up + 1"]
    answers = embedded().ask(texts, BOUNDS)
    assert [[one.value for one in answer.samples] for answer in answers] == [
        [1], [], [], [], [0], [2],
    ]  # fmt: skip
    assert [bool(answer.error) for answer in answers] == [False, True, True, True, False, False]


def test_embedded__begins_no_rule_when_the_time_is_over() -> None:
    """Those that are left say why."""
    (answer,) = embedded().ask(["up"], Bounds(10, -1))
    assert "took all the time" in answer.error


def test_embedded__answers_templates_at_the_same_instant() -> None:
    """An expression without an answer is an error of the template."""
    assert list(embedded().query("up")) == [({"__name__": "up", "node": "a"}, 1.0)]
    with pytest.raises(QueryError):
        embedded().query("sum(")


class Server:
    """A querier that answers from what it is told."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.threads = set[int]()
        self.options: list[Options] = []

    def instant(self, text: str, at_ms: int, options: Options = Options()) -> Result:  # noqa: B008 -- it is frozen.
        self.threads.add(threading.get_ident())
        self.options.append(options)
        answer = self.answers[text]
        if isinstance(answer, Exception):
            raise answer
        return Result(Vector(at_ms, (Sample((), answer),)))


def remote(server: Any) -> RemoteAsker:
    return RemoteAsker(server, AT, Limits(seconds=5))


def test_remote__answers_in_order_and_tells_errors_in_place() -> None:
    """A server that is away for one question has others answered."""
    server = Server(a=1.0, b=SourceError("away", kind="timeout"), c=QueryError("bad"), d=4.0)
    answers = remote(server).ask(["a", "b", "c", "d"], BOUNDS)
    assert [[one.value for one in answer.samples] for answer in answers] == [[1], [], [], [4]]
    assert [answer.error for answer in answers][1:3] == [
        "The expression has no answer: away.",
        "The expression has no answer: bad.",
    ]
    assert all(0 < (one.timeout_seconds or 0) <= 5 for one in server.options)
    assert remote(server).ask([], BOUNDS) == []


def test_remote__asks_nothing_when_the_time_is_over() -> None:
    """The server is left alone."""
    server = Server(a=1.0)
    (answer,) = remote(server).ask(["a"], Bounds(10, -1))
    assert "took all the time" in answer.error
    assert server.options == []


def test_remote__errors_of_templates_are_query_errors() -> None:
    """Whatever they were; what rules gave is the server's matter."""
    server = Server(a=1.0, b=SourceError("away", kind="timeout"))
    asker = remote(server)
    asker.add([], [], [])
    assert list(asker.query("a")) == [({}, 1.0)]
    with pytest.raises(QueryError, match="away"):
        asker.query("b")
