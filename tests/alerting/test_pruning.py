"""What is old goes, in batches; what lives or is open stays."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest
from django.db import OperationalError, transaction
from django.db.models import QuerySet

from tests.alerting.making import (
    NOW,
    ago,
    alert,
    ended,
    entry,
    evaluation,
    event,
    evidence,
    group,
    message,
    notification_group,
)
from zerostate_monitoring.alerting import pruning
from zerostate_monitoring.alerting.delivery.outbox import lock_groups
from zerostate_monitoring.alerting.delivery.places import place_of_row
from zerostate_monitoring.alerting.pruning import prune
from zerostate_monitoring.models import (
    Alert,
    AlertEvent,
    Attempt,
    Evaluation,
    Evidence,
    Message,
    NotificationGroup,
    OutboxEntry,
    Silence,
)

pytestmark = pytest.mark.django_db


def left(model):
    return set(model.objects.values_list("pk", flat=True))


def test_evaluations__go_after_48_hours():
    """And none before."""
    within = group()
    old, young = (evaluation(ago(hours=h), within) for h in (49, 47))
    assert prune(NOW)["evaluations"] == 1
    assert left(Evaluation) == {young.pk}
    assert old.pk != young.pk


def test_expired__go_with_the_evaluations():
    """An alert that never fired is of interest for two days; one that fired stays."""
    ended(ago(hours=49), state="expired", fired_at=None)
    young = ended(ago(hours=47), state="expired", fired_at=None)
    fired = ended(ago(hours=49))
    prune(NOW)
    assert left(Alert) == {young.pk, fired.pk}


def test_alerts__go_with_all_that_hangs_on_them():
    """Events, evidence and outbox rows; a silence that was made from one stays."""
    old, young = ended(ago(days=401)), ended(ago(days=399))
    for one in (old, young):
        entry(one, ago(days=1))
        evidence(one)
    silence = Silence.objects.create(
        matchers="a=b", starts_at=ago(days=1), ends_at=NOW, alert=old, author="x", comment="x"
    )
    prune(NOW)
    assert left(Alert) == {young.pk}
    for model in (AlertEvent, Evidence, OutboxEntry):
        assert set(model.objects.values_list("alert", flat=True)) == {young.pk}
    silence.refresh_from_db()
    assert silence.alert is None


def test_live__is_never_touched():
    """Neither an alert that has fired for years, nor whom it was told, nor in which message."""
    for state in ("pending", "firing"):
        old = alert(state=state, started_at=ago(days=1000))
        entry(old, ago(days=999), message(ago(days=999)))
    assert not any(prune(NOW).values())
    assert len(left(OutboxEntry)) == len(left(Message)) == 2


def test_messages__go_after_30_days():
    """With their tries, and that they were told; of an alert that has ended as long ago."""
    one, other = ended(ago(days=31)), ended(ago(days=20))
    old, young, early = message(ago(days=31)), message(ago(days=29)), message(ago(days=40))
    entry(one, ago(days=31), old)
    kept = [entry(one, ago(days=29), young), entry(other, ago(days=40), early)]
    prune(NOW)
    assert left(Message) == {young.pk, early.pk}
    assert set(Attempt.objects.values_list("message", flat=True)) == {young.pk, early.pk}
    assert left(OutboxEntry) == {row.pk for row in kept}


@pytest.mark.parametrize("state", ["due", "frozen", "dead"])
def test_entries__stay_while_the_end_is_to_be_told(state):
    """Whoever was told that it fires is told its end: that is read from the old entry."""
    one = ended(ago(days=31), started_at=ago(days=90))
    within = notification_group()
    entry(one, ago(days=90), message(ago(days=90)), group=within)
    last = message(ago(days=31), state="dead", sent_at=None) if state == "dead" else None
    entry(one, ago(days=31), last, group=within, state=state, notice="resolved", ended_at=None)
    assert not any(prune(NOW).values())
    OutboxEntry.objects.filter(notice="resolved").update(state="sent", ended_at=ago(days=31))
    Message.objects.filter(state="dead").update(state="sent")
    prune(NOW)
    assert left(OutboxEntry) == left(Message) == set()


def test_dead_letters__stay_until_somebody_closes_them():
    """With the alerts that they tell of."""
    old = ended(ago(days=500))
    dead = message(ago(days=499), state="dead")
    entry(old, ago(days=499), dead, state="dead")
    assert not any(prune(NOW).values())
    Message.objects.update(closed_at=ago(days=31))
    prune(NOW)
    assert left(Message) == left(Alert) == set()


@pytest.mark.parametrize("state", ["due", "leased"])
def test_messages__that_are_on_their_way_stay(state):
    """However old."""
    message(ago(days=500), state=state, ended_at=None)
    assert not any(prune(NOW).values())


def test_groups__go_when_nothing_of_them_is_left():
    """One that waits for its next flush stays."""
    gone = notification_group(flushed_at=ago(days=31))
    waiting = notification_group(flushed_at=ago(days=31), flush_at=NOW)
    told = notification_group(flushed_at=ago(days=31))
    entry(alert(), ago(days=40), group=told)
    notification_group()  # Of a rule that was observed: nothing was ever sent.
    prune(NOW)
    assert left(NotificationGroup) == {waiting.pk, told.pk}
    assert gone.pk not in left(NotificationGroup)


def test_batches__are_bounded(django_assert_max_num_queries):
    """All goes, however small a batch is; and a batch is so many queries whatever it holds."""
    for _ in range(25):
        one = ended(ago(days=401))
        for _ in range(4):
            event(one)
    with django_assert_max_num_queries(40):
        prune(NOW, batch=25)
    assert not left(Alert)
    for _ in range(25):
        ended(ago(days=401))
    assert prune(NOW, batch=10)["alerts"] == 25


def test_time__ends_a_run():
    """What is left goes with the next run."""
    for _ in range(5):
        ended(ago(days=401))
    ticks = count()
    found = prune(NOW, batch=1, seconds=3, clock=lambda: next(ticks) / 3)
    assert 0 < found["alerts"] < 5
    assert len(left(Alert)) == 5 - found["alerts"]


def test_batches__look_again_at_what_they_have_locked(monkeypatch):
    """What was begun meanwhile stays: a dead letter that is sent again, a group in use."""
    dead = message(ago(days=40), state="dead", closed_at=ago(days=40))
    within = notification_group(flushed_at=ago(days=40))
    atomic = transaction.atomic

    def late():
        Message.objects.update(state="due", ended_at=None, closed_at=None)
        if not OutboxEntry.objects.exists():
            entry(alert(), NOW, group=within, state="suppressed")
        return atomic()

    monkeypatch.setattr(transaction, "atomic", late)
    assert not any(prune(NOW).values())
    assert left(Message) == {dead.pk}
    assert within.pk in left(NotificationGroup)
    assert len(left(OutboxEntry)) == 1


@pytest.mark.parametrize(
    ("model", "named"),
    [
        (Alert, {"events", "evidence", "outbox", "silences"}),
        (AlertEvent, {"outbox"}),
        (Message, {"tries", "entries", "fallbacks", "passed_on"}),
        (NotificationGroup, {"messages", "outbox"}),
        (OutboxEntry, set()),
        (Evaluation, set()),
    ],
)
def test_deleting__knows_what_hangs_on_a_row(model, named):
    """What is added to a model must be added to its pruning: Django is not asked there."""
    assert {one.get_accessor_name() for one in model._meta.related_objects} == named


def test_groups__that_go_while_they_are_wanted_are_made_again(monkeypatch):
    """A transition that is told into a group is never lost with it."""
    within = notification_group()
    make, gone = QuerySet.bulk_create, []

    def late(self, rows, **options):
        made = make(self, rows, **options)
        if self.model is NotificationGroup and not gone:
            gone.append(prune(NOW)["groups"])
        return made

    monkeypatch.setattr(QuerySet, "bulk_create", late)
    place = place_of_row(within)
    found = lock_groups([place])
    assert gone == [1]
    assert [row.pk for row in found.values()] == [NotificationGroup.objects.get(key=place.key).pk]


def test_batches__that_are_refused_are_put_off(monkeypatch, caplog):
    """A locked table costs its own stage this run, and the others nothing."""
    evaluation(ago(hours=49), group())
    ended(ago(days=401))

    def refused(keys):
        raise OperationalError("database is locked")

    real = pruning.stages
    monkeypatch.setattr(
        pruning,
        "stages",
        lambda now: [
            replace(one, delete=refused) if one.name == "alerts" else one for one in real(now)
        ],
    )
    found = prune(NOW)
    assert (found["evaluations"], found["alerts"]) == (1, 0)
    assert "pruning_put_off" in caplog.text


def test_settings__say_how_long(settings):
    """Each of the three."""
    settings.ZEROSTATE_MONITORING_ALERTS_RETENTION_SECONDS = 3600
    settings.ZEROSTATE_MONITORING_MESSAGES_RETENTION_SECONDS = 7200
    settings.ZEROSTATE_MONITORING_EVALUATIONS_RETENTION_SECONDS = 7200
    ended(ago(hours=2))
    kept = message(ago(hours=1.5))
    prune(NOW)
    assert (left(Alert), left(Message)) == (set(), {kept.pk})
