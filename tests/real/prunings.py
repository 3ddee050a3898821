"""Processes of the pruning's test, beside the delivery's worker.

``python -m tests.real.prunings prepare URL`` makes the rows, also such as must outlive it all.
``live``: alerts come, and go when both receivers have heard of them, until the file ``stop`` is
there; it leaves how many in the file ``alerts``. ``prune N``: one child deletes for ever, N more
are killed within a transaction, as the kernel would do it; then the file ``stop`` is made, and
what is left when all is told is printed.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import django

from tests.real import deliveries
from tests.real.deliveries import _fire, _resolve
from tests.servers import wait_until

AT_ONCE: Final = 15
RECEIVERS: Final = 2
SECONDS: Final = 240
KEPT: Final = {
    "Alert": 2,
    "AlertEvent": 2,
    "OutboxEntry": 2,
    "Message": 2,
    "NotificationGroup": 1,
    "Evaluation": 0,
}


def prune(kills: str) -> None:
    """Children that delete, and what they leave."""
    directory, rng = Path(os.environ["TEST_DIRECTORY"]), random.Random(5)
    steady = _child(0)
    for _ in range(int(kills)):
        _, status = os.waitpid(_child(rng.randint(1, 12)), 0)
        assert os.WTERMSIG(status) == signal.SIGKILL
    (directory / "stop").touch()
    wait_until((directory / "alerts").exists, SECONDS, "all alerts have ended")
    wait_until(lambda: not _open(), SECONDS, "all is told")
    wait_until(lambda: _rows() == KEPT, SECONDS, "what may go has gone")
    assert os.waitpid(steady, os.WNOHANG) == (0, 0)
    os.kill(steady, signal.SIGKILL)
    os.waitpid(steady, 0)


def _child(after: int) -> int:
    """A process that deletes all that may go, over and over, a few rows at a time."""
    from django.db import connections
    from django.utils import timezone

    from zerostate_monitoring.alerting import pruning

    connections.close_all()
    if pid := os.fork():
        return pid
    if after:
        _arm(after)
    while True:
        pruning.prune(timezone.now(), batch=3, seconds=1.0)
        time.sleep(0.05)


def _arm(after: int) -> None:
    """Die after so many statements that delete, be it the first of a batch or its last."""
    from django.db import connection

    passed = itertools.count(1)

    def here(execute: Callable[..., Any], sql: str, *more: Any) -> Any:
        found = execute(sql, *more)
        if sql.startswith("DELETE") and next(passed) >= after:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    connection.execute_wrappers.append(here)


def _open() -> int:
    """What is to be told still."""
    from zerostate_monitoring.models import Message, OutboxEntry

    messages = Message.objects.filter(state__in=("due", "leased"))
    return messages.count() + OutboxEntry.objects.filter(state__in=("due", "frozen")).count()


def _rows() -> dict[str, int]:
    from django.apps import apps

    app = apps.get_app_config("zerostate_monitoring")
    return {name: app.get_model(name)._default_manager.count() for name in KEPT}


def live() -> None:
    """Each alert ends when it was told to all; one fires from the first to the last."""
    stop = Path(os.environ["TEST_DIRECTORY"]) / "stop"
    names, firing, first = itertools.count(1), list[Any](), _fire(0)
    while firing or not stop.exists():
        if not stop.exists() and len(firing) < AT_ONCE:
            firing.append(_fire(next(names)))
        for alert in [one for one in firing if _is_told(one)]:
            firing.remove(alert)
            _resolve(alert)
        _evaluated()
        time.sleep(0.05)
    # Of those after it all is told; a receiver may have refused this one for longer.
    wait_until(lambda: _is_told(first), SECONDS, "the first is told")
    _resolve(first)
    told = Path(os.environ["TEST_DIRECTORY"]) / "told"
    told.write_text(str(next(names)))
    told.rename(told.with_name("alerts"))


def _is_told(alert: Any) -> bool:
    """Whether all have heard that it fires."""
    from zerostate_monitoring.models import OutboxEntry

    sent = OutboxEntry.objects.filter(alert=alert, notice="fired", state="sent")
    return sent.count() == RECEIVERS


def _evaluated() -> None:
    """A slot, as the evaluation leaves it."""
    from django.utils import timezone

    from zerostate_monitoring.models import Evaluation, RuleGroup

    now = timezone.now()
    Evaluation.objects.create(
        group=RuleGroup.objects.get(),
        slot_ms=time.time_ns() // 1_000_000,
        token=1,
        started_at=now,
        duration_seconds=0.0,
        rules=1,
    )


def prepare(url: str) -> None:
    """Two routes, a dead letter of long ago that nobody has closed, and what fires since then."""
    from django.utils import timezone

    from zerostate_monitoring.models import (
        Alert,
        AlertEvent,
        Message,
        NotificationGroup,
        OutboxEntry,
        Receiver,
        Rule,
    )

    deliveries.prepare(url)
    then = timezone.now() - timedelta(days=1000)
    times = {"started_at": then, "active_at": then, "fired_at": then}
    receiver = Receiver.objects.create(name="gone", kind="webhook", enabled=False)
    group = NotificationGroup.objects.create(key="gone", receiver=receiver, flushed_at=then)
    for n, (state, said) in enumerate((("resolved", "dead"), ("firing", "sent"))):
        alert = Alert.objects.create(
            rule=Rule.objects.get(),
            rule_name="Down",
            fingerprint=f"old {n}",
            labels={"alertname": "Down", "n": f"old {n}"},
            state=state,
            ended_at=then if state == "resolved" else None,
            **times,
        )
        event = AlertEvent.objects.create(alert=alert, kind="firing", at=then)
        message = Message.objects.create(
            key=f"old {n}",
            receiver=receiver,
            payload={},
            state=said,
            created_at=then,
            ended_at=then,
        )
        OutboxEntry.objects.create(
            event=event,
            alert=alert,
            receiver=receiver,
            group=group,
            notice="fired",
            state=said,
            created_at=then,
            ended_at=then,
            message=message,
        )


if __name__ == "__main__":
    django.setup()
    name, *arguments = sys.argv[1:]
    roles: dict[str, Callable[..., None]] = {
        "prepare": prepare,
        "work": deliveries.work,
        "live": live,
        "prune": prune,
    }
    roles[name](*arguments)
