"""Two who have one list open: the second is told what the first changed, and undoes nothing."""

from __future__ import annotations

import itertools
import json
import logging
from datetime import timedelta

import pytest
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.models.rules import make_rule
from zerostate_monitoring.admin.seen import SEEN
from zerostate_monitoring.models import (
    Collector,
    LogLevel,
    Metric,
    Node,
    Receiver,
    Route,
    Rule,
    Silence,
)

pytestmark = pytest.mark.django_db

LOGGER = "tests.admin.a_watched_logger"
SWITCHED = ("collector", "metric", "node", "receiver", "route")


@pytest.fixture(autouse=True)
def _a_store(store):
    logging.getLogger(LOGGER)
    return store


@pytest.fixture
def second():
    """Another operator, in a browser of her own."""
    client = Client()
    client.force_login(User.objects.create_superuser("second", "s@example.org", "x"))
    return client


def url_of(model):
    return reverse(f"admin:zerostate_monitoring_{model}_changelist")


def opened(client, model, query=""):
    """What the form of a list says that it shows."""
    form = client.get(url_of(model) + query).context["action_form"]
    return form.fields[SEEN].initial


def do(client, model, action, rows, seen="", query="", **other):
    """What is said after an action, as one text."""
    sent = {"action": action, "_selected_action": [row.pk for row in rows], SEEN: seen, **other}
    response = client.post(url_of(model) + query, sent, follow=True)
    return " | ".join(str(one) for one in response.context["messages"])


def rows_of(model, n=3):
    """Rows whose enabling and disabling nothing else forbids."""
    names = [f"one-{i}" for i in range(n)]
    if model == "collector":
        return [Collector.objects.create(name=name, interval_seconds=60) for name in names]
    if model == "metric":
        return [row for row in Metric.objects.order_by("name") if not row.always_on][:n]
    if model == "node":
        urls = ((name, f"http://{name}.example") for name in names)
        return [Node.objects.create(name=name, base_url=url, role="edge") for name, url in urls]
    if model == "receiver":
        return [Receiver.objects.create(name=name, kind="email") for name in names]
    rows = [Route.objects.create(name=name, position=i) for i, name in enumerate(names)]
    receivers = [Receiver.objects.create(name=name, kind="email") for name in ("mail", "desk")]
    for row in rows:
        for place, receiver in enumerate(receivers):
            row.steps.create(position=place, receiver=receiver)
    return rows


def enabled(rows):
    found = type(rows[0]).objects.in_bulk([row.pk for row in rows])
    return [found[row.pk].enabled for row in rows]


@pytest.mark.parametrize("model", SWITCHED)
def test_list__says_what_it_shows_in_a_field(browser, model):
    """Without a script, and no value of a row is in it."""
    row, *_others = rows_of(model)
    page = browser.get(url_of(model))
    assert f'<input type="hidden" name="{SEEN}"' in page.content.decode()
    held = json.loads(opened(browser, model))
    assert len(held[str(row.pk)]) == 12


@pytest.mark.parametrize("model", SWITCHED)
def test_second__is_told_which_row_who_and_how_it_stands(browser, second, model):
    """The first disables one; the second, whose list shows it enabled, enables all."""
    first, other, off = rows = rows_of(model)
    type(off).objects.filter(pk=off.pk).update(enabled=False)
    seen = opened(second, model)
    do(browser, model, "disable", [first], opened(browser, model))

    said = do(second, model, "enable", rows, seen)
    assert enabled(rows) == [False, True, True]
    assert f"left as it stands: {first} is disabled now (by root at " in said
    assert "1 row enabled" in said
    assert str(other) not in said

    # Having been told, and looking at the list as it is now, she may.
    do(second, model, "enable", rows, opened(second, model))
    assert enabled(rows) == [True, True, True]


@pytest.mark.parametrize("model", SWITCHED)
def test_second__whose_filter_has_left_the_row_out(browser, second, model):
    """A list of those that are enabled does not lose a row without a word."""
    first, other, _off = rows = rows_of(model)
    query = "?enabled__exact=1" if model != "route" else "?enabled=1"
    seen = opened(second, model, query)
    do(browser, model, "disable", [first], opened(browser, model))
    said = do(second, model, "disable", [first, other], seen, query)
    assert f"{first} is disabled now (by root at " in said
    assert enabled(rows) == [False, False, True]


def test_second__is_told_without_a_log(browser, second):
    """Code may have done it, of which no log tells."""
    first, *_others = rows_of("collector")
    seen = opened(second, "collector")
    Collector.objects.filter(pk=first.pk).update(enabled=False)
    said = do(second, "collector", "enable", [first], seen)
    assert f"{first} is disabled now (by somebody else)" in said
    assert enabled([first]) == [False]


def test_second__chose_a_row_that_is_no_more(browser, second):
    """Its name and who deleted it stand in the log."""
    first, other, _off = rows_of("node")
    seen = opened(second, "node")
    confirmed = {"action": "delete_selected", "_selected_action": [first.pk], "post": "yes"}
    browser.post(url_of("node"), confirmed)
    assert LogEntry.objects.filter(action_flag=DELETION).exists()
    said = do(second, "node", "disable", [first, other], seen)
    assert "one-0 was deleted (by root at " in said
    assert enabled([other]) == [False]


def test_all_pages__hold_what_others_have_changed_since(browser, second):
    """Nothing was shown of a row on another page; the log tells of it."""
    rows = rows_of("node", 60)
    last = Node.objects.order_by("-pk").first()
    seen = opened(second, "node")
    shown = set(json.loads(seen))
    last = next(row for row in rows if str(row.pk) not in shown)
    do(browser, "node", "disable", [last], opened(browser, "node", f"?q={last.name}"))
    said = do(second, "node", "enable", rows[:1], seen, select_across="1")
    assert f"{last} is disabled now (by root at " in said
    assert enabled([last]) == [False]


@pytest.mark.parametrize(
    "seen", ["", "{", "[]", "null", '{"at":"x"}', '{"at":1e308}', "x" * 200_000]
)
def test_seen__that_says_nothing_holds_nothing_up(browser, seen):
    """An action that comes from elsewhere than a list is done."""
    rows = rows_of("collector")
    assert "3 rows disabled" in do(browser, "collector", "disable", rows, seen)
    assert enabled(rows) == [False] * 3


STEPS = st.lists(
    st.tuples(st.booleans(), st.sets(st.integers(0, 3), min_size=1), st.booleans()), max_size=6
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_two_lists__nobody_overwrites_what_her_list_did_not_show(steps):
    """Whoever does what in which order: a row changes only from what its list showed of it."""
    Collector.objects.all().delete()
    names = itertools.count()
    for user in ("one", "two"):
        User.objects.get_or_create(username=user, is_staff=True, is_superuser=True)
    clients = [Client(), Client()]
    for client, user in zip(clients, ("one", "two"), strict=True):
        client.force_login(User.objects.get(username=user))
    rows = [Collector.objects.create(name=f"c{next(names)}", interval_seconds=60) for _ in range(4)]
    lists = [opened(client, "collector") for client in clients]
    shown = [enabled(rows), enabled(rows)]
    for is_second, chosen, wanted in steps:
        before, picked = enabled(rows), [rows[i] for i in sorted(chosen)]
        who = int(is_second)
        action = "enable" if wanted else "disable"
        said = do(clients[who], "collector", action, picked, lists[who])
        for i, (was, now) in enumerate(zip(before, enabled(rows), strict=True)):
            is_stale = i in chosen and shown[who][i] != was
            expected = wanted if i in chosen and not is_stale else was
            assert now == expected
            assert (f"{rows[i]} is " in said) == is_stale
        # Only who acts is shown the list anew; the other's stays as it was.
        lists[who], shown[who] = opened(clients[who], "collector"), enabled(rows)


# -- rules --------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["enable", "disable", "delete_selected"])
def test_rule__that_was_edited_meanwhile_is_left(browser, second, action):
    """It is another rule than the list showed: neither switched nor deleted."""
    rule = make_rule(enabled=action != "enable")
    seen = opened(second, "rule")
    rule.owner = "network"
    rule.save()
    said = do(second, "rule", action, [rule], seen, confirmed="yes")
    assert f"{rule} is {'enabled' if rule.enabled else 'disabled'}, in version 2, now" in said
    assert Rule.objects.get(pk=rule.pk).enabled is (action != "enable")


def test_rule__edited_while_the_page_asked(browser, second):
    """The page that asks which alerts end says what it showed, too."""
    rule = make_rule()
    sent = {"action": "disable", "_selected_action": [rule.pk], SEEN: opened(second, "rule")}
    asked = second.post(url_of("rule"), sent)
    assert f'name="{SEEN}"' in asked.content.decode()
    rule.owner = "network"
    rule.save()
    do(second, "rule", "disable", [rule], asked.context["seen"], confirmed="yes")
    assert Rule.objects.get(pk=rule.pk).enabled
    assert "1 rule disabled" in do(
        second, "rule", "disable", [rule], opened(second, "rule"), confirmed="yes"
    )


# -- levels of loggers -----------------------------------------------------------------------


def set_level(client, level="DEBUG", seen="", **other):
    url = reverse("admin:zerostate_monitoring_loglevel_add")
    sent = {"logger": LOGGER, "level": level, "lasts": "1h", SEEN: seen, **other}
    return client.post(url, sent)


def seen_in_form(client):
    response = client.get(reverse("admin:zerostate_monitoring_loglevel_add"))
    assert f'name="{SEEN}"' in response.content.decode()
    return response.context["adminform"].form.seen


def test_level__that_the_first_has_ended(browser, second):
    """By the list and by its page: the second is told who did, and when it ended stays."""
    for by_page in (False, True):
        set_level(browser)
        row = LogLevel._default_manager.first()
        seen = opened(second, "loglevel")
        page = reverse("admin:zerostate_monitoring_loglevel_change", args=[row.pk])
        shown = second.get(page).context["seen"]
        do(browser, "loglevel", "end_now", [row], opened(browser, "loglevel"))
        ended = LogLevel._default_manager.get(pk=row.pk).until
        if by_page:
            url = reverse("admin:zerostate_monitoring_loglevel_end", args=[row.pk])
            response = second.post(url, {SEEN: shown}, follow=True)
            said = " | ".join(str(one) for one in response.context["messages"])
        else:
            said = do(second, "loglevel", "end_now", [row], seen)
        assert f"{row} is ended now (by root at " in said
        assert LogLevel._default_manager.get(pk=row.pk).until == ended


def test_level__that_the_first_has_set_meanwhile_is_not_ended_unasked(browser, second):
    """The form of a new one refuses, says whose it would end, and takes it when sent again."""
    seen = seen_in_form(second)
    set_level(browser, "ERROR", seen_in_form(browser))
    response = set_level(second, "DEBUG", seen)
    assert response.status_code == 200
    said = str(response.context["adminform"].form.non_field_errors())
    assert f"root has set {LOGGER} to ERROR until " in said
    assert [row.level for row in LogLevel._default_manager.all()] == ["ERROR"]
    again = response.context["adminform"].form.seen
    assert set_level(second, "DEBUG", again).status_code == 302
    active = LogLevel._default_manager.filter(until__gt=timezone.now())
    assert [row.level for row in active] == ["DEBUG"]


def test_level__of_another_logger_and_one_that_was_seen_are_no_reason(browser, second):
    """Only what the form did not show is asked about."""
    until = timezone.now() + timedelta(hours=1)
    LogLevel._default_manager.create(logger=LOGGER, level="INFO", until=until, author="root")
    seen = seen_in_form(second)
    LogLevel._default_manager.create(logger="another", level="INFO", until=until, author="root")
    assert set_level(second, "ERROR", seen).status_code == 302


# -- forms of collectors and metrics ------------------------------------------------------


@pytest.mark.parametrize("model", ["collector", "metric"])
def test_form__of_a_row_of_the_list_likewise(browser, second, model):
    """The page of one says it as pages of rules do."""
    row, *_others = rows_of(model)
    url = reverse(f"admin:zerostate_monitoring_{model}_change", args=[row.pk])
    page = second.get(url)
    assert f'name="{SEEN}"' in page.content.decode()
    seen = page.context["adminform"].form.seen
    do(browser, model, "disable", [row], opened(browser, model))
    response = second.post(url, {"enabled": "on", "note": "mine", SEEN: seen})
    assert response.context["adminform"].form.conflict is not None
    assert 'id="conflict"' in response.content.decode()
    assert enabled([row]) == [False]


# -- silences -----------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["end_now", "extend"])
def test_silence__whose_end_the_first_has_moved(browser, second, action):
    """What the second saw ended sooner: hers is not put over it."""
    now = timezone.now()
    silence = Silence.objects.create(
        matchers="a=b", comment="c", author="x", starts_at=now, ends_at=now + timedelta(hours=1)
    )
    seen = opened(second, "silence")
    do(browser, "silence", "extend", [silence], opened(browser, "silence"))
    extended = Silence.objects.get().ends_at
    said = do(second, "silence", action, [silence], seen)
    assert "is set until " in said
    assert " now (by root at " in said
    assert Silence.objects.get().ends_at == extended
