"""The context of a task: what goes along with its message, and what does not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import structlog
from celery import Celery
from celery.app.trace import build_tracer
from celery.signals import before_task_publish, task_postrun

from zerostate_monitoring import logs
from zerostate_monitoring.instrumentation import task_lines
from zerostate_monitoring.instrumentation.task_lines import TaskLines
from zerostate_monitoring.logs.context import current

HEADER = "__django_structlog__"
MEGABYTE = "x" * 1024 * 1024


@pytest.fixture(autouse=True)
def _connected():
    """Celery's signals as in a project with structured lines; of this test alone."""
    structlog.contextvars.clear_contextvars()
    structlog.configure(
        processors=[structlog.stdlib.render_to_log_kwargs],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    task_lines.connect(task_postrun)
    yield
    receiver = task_lines._receiver
    for signal, name in _signals(receiver):
        signal.disconnect(getattr(receiver, name))
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


def _signals(receiver):
    from celery import signals

    for name in dir(TaskLines):
        if name.startswith("receiver_"):
            yield getattr(signals, name.removeprefix("receiver_")), name
    yield signals.task_postrun, "ended"


@pytest.fixture
def app():
    made: Any = Celery("tests", set_as_current=False, broker="memory://")
    made.conf.task_protocol = 2
    return made


@pytest.fixture
def task(app):
    """A task that says what is bound while it runs."""
    seen: list[dict[str, Any]] = []

    def body():
        logs.bind(guild="of the task")
        seen.append(current())

    made = app.task(body, name="tests.body", lazy=False, shared=False)
    return SimpleNamespace(app=app, task=made, seen=seen)


def headers_of():
    """What a message's headers carry when it is sent now."""
    headers: dict[str, Any] = {"id": "1", "task": "t"}
    before_task_publish.send(sender="t", headers=headers, body={}, properties={}, routing_key="q")
    return headers[HEADER]


def run(task, header, ident=None):
    """Run it as a worker does that has taken such a message."""
    request = {"id": ident or str(uuid4()), "delivery_info": {}, HEADER: header}
    build_tracer(task.task.name, task.task, app=task.app)(request["id"], [], {}, request)
    [seen] = task.seen
    return seen


def test_context__follows_into_the_task(task):
    """Request, user, node, guild, channel; and the task has its own id and name."""
    logs.bind(request_id="r", correlation_id="c", user_id="7", node="n", channel="ch")
    header = headers_of()
    structlog.contextvars.clear_contextvars()

    seen = run(task, header, "t-1")

    assert seen == {
        "request_id": "r", "correlation_id": "c", "user_id": "7", "node": "n", "channel": "ch",
        "guild": "of the task", "task_id": "t-1", "task": "tests.body",
    }  # fmt: skip


def test_context__of_a_task_that_sends_another():
    """Its own id becomes the parent's."""
    logs.bind(task_id="t-1", task="tests.body", request_id="r")
    assert headers_of() == {"request_id": "r", "parent_task_id": "t-1"}


def test_context__carries_known_keys_and_short_texts():
    """What a project has bound for itself, and a megabyte, stay where they are."""
    logs.bind(guild=MEGABYTE)
    structlog.contextvars.bind_contextvars(basket={"a": object()}, secret="x")
    carried = headers_of()
    assert [*carried] == ["guild"]
    assert len(carried["guild"]) < 1000


@pytest.mark.parametrize(
    "header",
    [None, "text", 5, [1], {"level": "info", "event": "forged", "task_id": 7, "x": MEGABYTE}],
)
def test_header__of_anything(task, header):
    """Whoever can send a message cannot break the task, or forge a key."""
    seen = run(task, header, "t-1")
    assert {"level", "event", "x"}.isdisjoint(seen)
    assert seen["task"] == "tests.body"


def test_header__does_not_say_whose_task_it_is(task):
    """A task's id is that of its message."""
    assert run(task, {"task_id": "forged"}, "t-1")["task_id"] == "t-1"


def test_context__ends_with_the_task(task):
    """What a task has bound is in no line of the next."""
    run(task, {"request_id": "r"})
    assert current() == {}


def test_eager__task_leaves_its_caller_the_context(task):
    """A task that runs within a request takes nothing of it away."""
    logs.bind(request_id="r", node="n")
    task.task.apply()
    assert current() == {"request_id": "r", "node": "n", "guild": "of the task"}
