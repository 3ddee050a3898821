"""Processes of the delivery's tests: a worker that can be killed at a step, and a world.

``python -m tests.real.deliveries prepare URL`` makes an installation. ``crowd STEADY KILLS``
forks workers that live, a world whose alerts come and go, and workers one after another that
kill themselves, as the kernel would, when they pass a step so many times; then the world ends,
and those that live tell the rest. ``settle`` waits for that, and says what stands in the rows.

One process that forks costs a start once; many starts would cost minutes on a busy machine.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.synchronize import Event
from typing import Any, Final

import django

from tests.servers import wait_until

STEPS: Final = (
    "claimed",
    "composed",
    "frozen",
    "leased",
    "sending",
    "answered",
    "recording",
    "recorded",
)


def work(step: str = "", after: int = 0) -> None:
    """Deliver for ever, or until ``step`` was passed ``after`` times.

    Leases are short, so that what a killed worker held is free soon.
    """
    from django.utils import timezone

    from zerostate_monitoring.alerting.delivery import backoff, flushing, leasing
    from zerostate_monitoring.alerting.delivery.running import deliver

    leasing.GRACE_SECONDS = 1.0  # type: ignore[misc]
    leasing.PROBE_BASE_SECONDS = 0.2  # type: ignore[misc]
    flushing.CLAIM = timedelta(seconds=2)  # type: ignore[misc]
    assert backoff.backoff.__kwdefaults__
    backoff.backoff.__kwdefaults__.update(base=0.1, cap=1.0)
    if step:
        _arm(step, after)
    parent = os.getppid()
    while os.getppid() == parent:
        deliver(timezone.now(), budget_seconds=2.0)
        # Whoever is to be killed looks oftener: it passes its step also beside many others.
        time.sleep(0.05 if step else 0.3)


def _arm(step: str, after: int) -> None:
    from zerostate_monitoring.alerting.delivery import flushing, posting, recording, sending

    passed = itertools.count(1)
    lock = threading.Lock()

    def here() -> None:
        with lock:
            if next(passed) >= after:
                os.kill(os.getpid(), signal.SIGKILL)

    places: dict[str, tuple[Any, str, bool]] = {
        "claimed": (flushing, "read", False),
        "composed": (flushing, "freeze", False),
        "frozen": (flushing, "freeze", True),
        "leased": (sending, "take", True),
        "sending": (posting, "attempt", False),
        "answered": (posting, "attempt", True),
        "recording": (recording, "_note", False),
        "recorded": (sending, "record", True),
    }
    module, name, is_after = places[step]
    setattr(module, name, _around(getattr(module, name), here, is_after=is_after))


def _around(
    function: Callable[..., Any], here: Callable[[], None], *, is_after: bool
) -> Callable[..., Any]:
    def hooked(*args: Any, **options: Any) -> Any:
        if not is_after:
            here()
        result = function(*args, **options)
        # What was not taken or frozen is no step that was passed.
        if is_after and result:
            here()
        return result

    return hooked


def prepare(url: str) -> None:
    """Two routes to two receivers at the same server: each alert alone, and by zone."""
    from django.core.management import call_command

    from zerostate_monitoring.models import GroupState, Receiver, Route, RouteStep, Rule, RuleGroup

    call_command("migrate", verbosity=0)
    group = RuleGroup.objects.create(name="tests", interval_seconds=15)
    GroupState.objects.create(group=group)
    Rule.objects.create(group=group, name="Down", expr="up == 0")
    for position, labels in enumerate((["n"], ["zone"])):
        receiver = Receiver.objects.create(
            name=f"hook {position}", kind="webhook", config={"url": f"{url}/{position}"}
        )
        route = Route.objects.create(
            name=f"route {position}",
            position=position,
            is_continued=True,
            group_by=labels,
            group_wait_seconds=0.1,
            group_interval_seconds=0.3,
        )
        RouteStep.objects.create(route=route, receiver=receiver)


def live(stop: Event) -> None:
    """Alerts come and go until ``stop`` is set, or the parent is gone; then all end."""
    rng, firing, parent = random.Random(7), [], os.getppid()
    for n in itertools.count():
        is_over = stop.is_set() or os.getppid() != parent
        if is_over and not firing:
            return
        if not is_over:
            firing.append(_fire(n))
        while firing and (is_over or rng.random() < 0.5):
            _resolve(firing.pop(rng.randrange(len(firing))))
        time.sleep(0.1)


def crowd(steady: str, kills: str) -> None:
    """Fork all that takes part; say ``all were killed`` and ``the world has ended``."""
    fork = get_context("fork")
    stop = fork.Event()
    world = fork.Process(target=live, args=(stop,))
    for one in (world, *(fork.Process(target=work) for _ in range(int(steady)))):
        one.start()
    rng = random.Random(3)
    plan = [step for step in STEPS for _ in range(int(kills))]
    rng.shuffle(plan)
    for step in plan:
        killed = fork.Process(target=work, args=(step, rng.randint(1, 3)))
        killed.start()
        killed.join()
        assert killed.exitcode == -signal.SIGKILL, (step, killed.exitcode)
        say(f"killed: {step}")
    say("all were killed")
    stop.set()
    world.join()
    assert world.exitcode == 0
    say("the world has ended")
    signal.pause()


def say(text: str) -> None:
    """A line for whoever waits for it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def settle() -> None:
    """Wait until all is told; say what the rows say, as JSON."""
    from zerostate_monitoring.models import Message, OutboxEntry

    is_open = [
        Message.objects.exclude(state="sent"),
        OutboxEntry.objects.filter(state__in=("due", "frozen")),
    ]
    wait_until(lambda: not any(rows.exists() for rows in is_open), 800, "all is told")
    report()


def _fire(n: int) -> Any:
    from django.db import transaction
    from django.utils import timezone

    from zerostate_monitoring.alerting.delivery.enqueuing import enqueue
    from zerostate_monitoring.models import Alert, AlertEvent, Rule

    now = timezone.now()
    with transaction.atomic():
        alert = Alert.objects.create(
            rule=Rule.objects.get(),
            rule_name="Down",
            fingerprint=f"{n:016x}",
            labels={"alertname": "Down", "n": str(n), "zone": str(n % 5)},
            state="firing",
            started_at=now,
            active_at=now,
            fired_at=now,
        )
        enqueue([AlertEvent.objects.create(alert=alert, kind="firing", at=now)], now)
    return alert


def _resolve(alert: Any) -> None:
    from django.db import transaction
    from django.utils import timezone

    from zerostate_monitoring.alerting.delivery.enqueuing import enqueue
    from zerostate_monitoring.models import AlertEvent

    alert.state, alert.ended_at = "resolved", timezone.now()
    with transaction.atomic():
        alert.save()
        event = AlertEvent.objects.create(alert=alert, kind="resolved", at=alert.ended_at)
        enqueue([event], alert.ended_at)


def crossing() -> None:
    """An evaluation holds an alert and wants a group, the delivery holds the group and tells of it.

    Says whom the database refused.
    """
    from django.db import DatabaseError, connection, transaction

    from zerostate_monitoring.alerting.delivery.outbox import lock_groups
    from zerostate_monitoring.alerting.delivery.places import place_of_row
    from zerostate_monitoring.alerting.evaluation import persisting, strays
    from zerostate_monitoring.models import Alert, AlertEvent, NotificationGroup
    from zerostate_monitoring.models.words import EndReason

    refused: list[str] = []

    def ends_strays(alert: Any) -> None:
        strays._close(Alert.objects.filter(pk=alert.pk), EndReason.DELETED, alert.fired_at)

    def evaluates(alert: Any) -> None:
        persisting._locked([alert.pk])
        lock_groups(places)

    def delivers(alert: Any) -> None:
        lock_groups(places)
        has_group.set()
        wants_group.wait(20)
        AlertEvent.objects.create(alert=alert, kind="suppressed", at=alert.fired_at)

    def run(name: str, work: Callable[[Any], None], alert: Any) -> None:
        try:
            with transaction.atomic():
                work(alert)
        except DatabaseError as error:
            refused.append(f"{name}: {error}")
        finally:
            connection.close()

    for n, evaluation in enumerate((evaluates, ends_strays)):
        alert = _fire(n)
        places = [place_of_row(row) for row in NotificationGroup.objects.select_related("route")]
        has_group, wants_group = threading.Event(), threading.Event()
        first = threading.Thread(target=run, args=("delivery", delivers, alert))
        first.start()
        has_group.wait(20)
        second = threading.Thread(target=run, args=("evaluation", evaluation, alert))
        second.start()
        wait_until(_somebody_waits, 20, "the evaluation waits for the group")
        wants_group.set()
        first.join()
        second.join()
    say(json.dumps(refused))


def _somebody_waits() -> bool:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        return bool(cursor.fetchone()[0])


def report() -> None:
    """What the rows say, as JSON."""
    from zerostate_monitoring.models import Alert, Attempt, Message, OutboxEntry

    entries = OutboxEntry.objects.order_by("pk").values_list(
        "alert__labels", "group__key", "notice", "state"
    )
    said = {
        "alerts": Alert.objects.count(),
        "messages": list(Message.objects.values_list("key", "state", "attempts")),
        "tries": list(Attempt.objects.values_list("message__key", "outcome", "status")),
        "entries": [[labels["n"], *rest] for labels, *rest in entries],
    }
    say(json.dumps(said))


if __name__ == "__main__":
    django.setup()
    name, *arguments = sys.argv[1:]
    doors: dict[str, Callable[..., None]] = {
        "prepare": prepare,
        "crowd": crowd,
        "settle": settle,
        "crossing": crossing,
    }
    doors[name](*arguments)
