"""When what runs."""

from __future__ import annotations

import pickle
import subprocess
import sys

import pytest
from celery import Celery
from celery.beat import Scheduler
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring import tasks
from zerostate_monitoring.schedule import (
    beat_schedule,
    is_due,
    limits,
    scrape_limits,
    task_options,
    ttl,
)

INTERVALS = {
    "zerostate_monitoring: nodes": 15,
    "zerostate_monitoring: execution": 30,
    "zerostate_monitoring: economic": 60,
    "zerostate_monitoring: monitoring": 60,
    "zerostate_monitoring: celery": 60,
    "zerostate_monitoring: the project's own": 5,
    "zerostate_monitoring: history": 5,
    "zerostate_monitoring: rules": 5,
    "zerostate_monitoring: delivery": 5,
    "zerostate_monitoring: evidence": 30,
    "zerostate_monitoring: pruning": 600,
}


def scheduled(app):
    return Scheduler(app=app, lazy=True).schedule


@pytest.fixture
def app():
    with Celery("test", broker="memory://", set_as_current=False) as app:
        yield app


def test_beat_schedule__has_the_default_intervals():
    """Nodes every 15 s, execution every 30 s, economic every 60 s."""
    assert {name: entry["schedule"] for name, entry in beat_schedule().items()} == INTERVALS


def test_beat_schedule__reads_settings_when_beat_asks(settings):
    """An interval that is set below the call of beat_schedule() is obeyed."""
    entries = beat_schedule()

    settings.ZEROSTATE_MONITORING_ECONOMIC_INTERVAL_SECONDS = 600
    settings.ZEROSTATE_MONITORING_QUEUE = "slow"

    entry = dict(entries["zerostate_monitoring: economic"])
    assert entry["schedule"] == 600
    assert (entry["options"]["queue"], entry["options"]["expires"]) == ("slow", 600)


def test_beat_schedule__suits_celerys_scheduler(app):
    """Celery's own scheduler makes entries of it that name registered tasks."""
    app.conf.beat_schedule = {**beat_schedule(), "mine": {"task": "mine", "schedule": 1.0}}
    scheduler = Scheduler(app=app)

    entries = {name: entry for name, entry in scheduler.schedule.items() if name in INTERVALS}

    assert {n: e.schedule.run_every.total_seconds() for n, e in entries.items()} == INTERVALS
    names = {tasks.collect.name, tasks.collect_nodes.name, tasks.collect_due.name}
    names |= {tasks.record_history.name, tasks.evaluate.name, tasks.deliver.name}
    names |= {tasks.keep_evidence.name, tasks.prune.name}
    assert {entry.task for entry in entries.values()} == names


def test_beat_schedule__can_be_pickled():
    """Celery may pickle its configuration."""
    entries = pickle.loads(pickle.dumps(beat_schedule()))

    assert dict(entries["zerostate_monitoring: nodes"])["schedule"] == 15


def test_beat_schedule__can_be_called_in_a_settings_file(tmp_path):
    """Importing and calling it needs neither the app registry nor finished settings."""
    (tmp_path / "some_settings.py").write_text(
        "from zerostate_monitoring.schedule import beat_schedule\n"
        "CELERY_BEAT_SCHEDULE = beat_schedule()\n"
        "SECRET_KEY = 'x'\n"
        "ZEROSTATE_MONITORING_NODES_INTERVAL_SECONDS = 7\n"
    )
    code = (
        "from django.conf import settings\n"
        "entry = settings.CELERY_BEAT_SCHEDULE['zerostate_monitoring: nodes']\n"
        "assert entry['schedule'] == 7.0\n"
        "import sys; assert 'zerostate_monitoring.models' not in sys.modules\n"
    )
    env = {"DJANGO_SETTINGS_MODULE": "some_settings", "PYTHONPATH": f"{tmp_path}:."}

    subprocess.run([sys.executable, "-c", code], env=env, check=True, timeout=60)


def test_task_options__bound_a_run():
    """A run goes to its queue, expires after its interval, and ends before its lease."""
    options = task_options(30)

    assert options["queue"] == "zerostate_monitoring"
    assert options["expires"] == 30
    assert options["soft_time_limit"] < options["time_limit"] < limits(30).lease


@given(st.floats(0.1, 1_000_000))
def test_limits__leave_time_to_end_and_never_to_hang(interval):
    """Soft before hard before lease; half a second of grace at least, five minutes at most."""
    bounds = limits(interval)

    assert 3 <= bounds.soft <= 300
    assert bounds.soft + 0.5 <= bounds.hard <= bounds.lease - 0.5


@given(st.floats(0.1, 1_000_000), st.floats(0, 1))
def test_limits__a_killed_run_leaves_no_gap(interval, late):
    """The lease of a run that was killed is over in time for a whole run before the TTL.

    The last success is at 0. The run that is killed begins at the next beat, or late by a
    part of what is left of its lease; beats go on until one finds the lease free.
    """
    step = interval
    bounds = limits(interval)
    killed = step + late * max(0.0, step - bounds.lease)
    beat = 2 * step
    while beat < killed + bounds.lease:
        beat += step

    assert beat + bounds.hard <= ttl(interval) + 1e-6


@given(st.floats(0.1, 1_000_000))
def test_scrape_limits__outlive_the_interval_within_which_a_scrape_ends(interval):
    """Celery ends a scrape of nodes only where its own budget did not."""
    bounds = scrape_limits(interval)

    assert min(interval, 500) < bounds.soft < bounds.hard <= 510


def test_beat_schedule__tells_both_schedulers_when_a_message_expires():
    """Celery reads `expires`; django-celery-beat keeps only whole `expire_seconds`."""
    for entry in beat_schedule().values():
        options = entry["options"]
        assert options["expires"] == options["expire_seconds"] == entry["schedule"]


def test_database_scheduler__keeps_queue_and_expiry(tmp_path):
    """django-celery-beat's own entries, made of ours, send messages that expire."""
    (tmp_path / "database_beat.py").write_text(
        "from tests.settings import *\nINSTALLED_APPS = [*INSTALLED_APPS, 'django_celery_beat']\n"
    )
    code = (
        "import django; django.setup()\n"
        "from django.core.management import call_command\n"
        "call_command('migrate', verbosity=0)\n"
        "from celery import Celery\n"
        "from django_celery_beat.schedulers import DatabaseScheduler\n"
        "from zerostate_monitoring.schedule import beat_schedule\n"
        "app = Celery('test', broker='memory://')\n"
        "app.conf.beat_schedule = beat_schedule()\n"
        "for name, entry in DatabaseScheduler(app=app).schedule.items():\n"
        "    if name.startswith('zerostate_monitoring'):\n"
        "        seconds = entry.schedule.run_every.total_seconds()\n"
        "        print(name, seconds, entry.options['queue'], entry.options['expires'], sep='|')\n"
    )
    env = {"DJANGO_SETTINGS_MODULE": "database_beat", "PYTHONPATH": f"{tmp_path}:."}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=env,
        check=True,
        timeout=120,
        capture_output=True,
        text=True,
    )

    lines = [line.split("|") for line in done.stdout.splitlines()]
    assert {name: float(every) for name, every, _, _ in lines} == INTERVALS
    assert {name: float(expires) for name, _, _, expires in lines} == INTERVALS
    queues = {name: queue for name, _, queue, _ in lines}
    assert queues.pop("zerostate_monitoring: rules") == "zerostate_monitoring_evaluate"
    assert queues.pop("zerostate_monitoring: delivery") == "zerostate_monitoring_deliver"
    assert set(queues.values()) == {"zerostate_monitoring"}


@given(st.floats(1, 600), st.lists(st.floats(0.1, 5.0), min_size=50, max_size=200))
def test_is_due__runs_once_in_every_slot(interval, steps):
    """However the ticks jitter, each slot that a tick falls into is taken once."""
    now, last, taken, slots = 1_000_000.0, None, [], set()
    for step in steps:
        now += step
        slots.add(now // interval)
        if is_due(now, last, interval):
            last = now
            taken.append(now // interval)

    assert taken == sorted(slots)


def test_is_due__after_the_clock_was_set_back():
    """A last run in the future does not stop the next one."""
    assert is_due(1000.0, 5000.0, 60.0)
