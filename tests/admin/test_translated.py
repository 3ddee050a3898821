"""All that pages say goes through gettext: nothing of ours is left in English by accident.

What is kept in English is found again by the sentence that it was made of: see ``told``.
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

import zerostate_monitoring
from tests.admin.pseudo import data, english, speak, unmarked
from tests.admin.scene import make_scene
from tests.alerting.alerts import make_alert
from tests.models.rules import make_rule
from tests.notifiers.batches import ANNOTATIONS, BASE, EXPR, LABELS, alert, batch, on, samples
from zerostate_monitoring.admin.health import pages
from zerostate_monitoring.alerting.suppression import load
from zerostate_monitoring.collectors.runner import NOT_FINITE
from zerostate_monitoring.exceptions import StoreUnavailableError
from zerostate_monitoring.health import answering
from zerostate_monitoring.health.states import Component, healthy, unhealthy
from zerostate_monitoring.models import (
    Alert,
    Attempt,
    Collector,
    MaintenanceWindow,
    Message,
    Metric,
    Node,
    OutboxEntry,
    Receiver,
    ReceiverState,
    Rule,
    RuleState,
    Silence,
)
from zerostate_monitoring.models.outbox import OutboxState
from zerostate_monitoring.models.sentences import BOOK
from zerostate_monitoring.models.words import AlertState, Health, Severity
from zerostate_monitoring.notifiers.mail import html, pictures
from zerostate_monitoring.notifiers.subjects import subject
from zerostate_monitoring.notifiers.texts import plain
from zerostate_monitoring.querying.readiness import Readiness
from zerostate_monitoring.storage.store import Store

pytestmark = pytest.mark.django_db

STATIC = Path(zerostate_monitoring.__file__).parent / "static" / "zerostate_monitoring"
NOT_WORDS = ("UTC", "PromQL", "ZeroState", "CSV", "JSON", "YAML", "NaN", "Inf", "HTTP", "TLS",
    # Types of OpenMetrics, roles of nodes, the group that a new rule gets: names, too.
    "gauge", "service", "node_role", "histogram", "edge", "own-rules",
    # What is typed as it stands: fields of a rule file, times, a setting of the store.
    "for: ", "keep_firing_for", "now, -5m", "noeviction",
)  # fmt: skip
"""Names and signs, which are the same in every language."""


def _at(name, *args, **query):
    asked = f"?{urlencode(query)}" if query else ""
    return reverse(f"admin:zerostate_monitoring_{name}", args=args) + asked


def _rule(name):
    return Rule.objects.get(name=name).pk


def _alert(rule):
    return Alert.objects.filter(rule__name=rule, is_unrouted=False).first()


def _row(model, name=None):
    return _at(f"{name or model._meta.model_name}_change", model.objects.order_by("-pk").first().pk)


PAGES = {
    "overview": lambda: _at("overview_changelist"),
    "app": lambda: reverse("admin:app_list", args=["zerostate_monitoring"]),
    "metric": lambda: _at(
        "metric_change", Metric.objects.get(name="zerostate_peer_connections").pk
    ),
    "metrics": lambda: _at("metric_changelist"),
    "explore": lambda: _at("explore", query="zerostate_peer_connections > 20"),
    "explore wrong": lambda: _at("explore", query="sum(rate("),
    "rule": lambda: _at("rule_change", Rule.objects.get(name="EdgeNodeDown").pk),
    "rule new": lambda: _at("rule_add"),
    "rules": lambda: _at("rule_changelist"),
    "alerts": lambda: _at("alert_changelist"),
    "alert": lambda: _at("alert_change", Rule.objects.get(name="EdgeNodeDown").alerts.first().pk),
    "grouped": lambda: _at("alert_grouped"),
    "about": lambda: _at("about", label="node", value="edge-1"),
    "calendar": lambda: _at("calendar"),
    "silence": lambda: _row(Silence),
    "window": lambda: _row(MaintenanceWindow),
    "delivery": lambda: _at("delivery"),
    "message": lambda: _row(Message),
    "nodes": lambda: _at("node_changelist"),
    "node": lambda: _row(Node),
    "collectors": lambda: _at("collector_changelist"),
    "routing": lambda: _at("routing"),
    "receivers": lambda: _at("receiver_changelist"),
    "doctor": lambda: _at("doctor"),
    "why an alert": lambda: _at("alert_explain", _alert("EdgeNodeDown").pk),
    "why an alert ended": lambda: _at("alert_explain", Alert.objects.exclude(ended_at=None)[0].pk),
    "why nobody was told": lambda: _at("alert_explain", Alert.objects.get(is_unrouted=True).pk),
    "why a rule": lambda: _at("rule_explain", _rule("FewPeers")),
    "why for some": lambda: _at("rule_explain", _rule("FewPeers"), labels="node=edge-2", at="-5m"),
    "why not": lambda: _at("rule_explain", _rule("BrokenRule"), at="-1d"),
    "why off": lambda: _at("rule_explain", _rule("SwitchedOff")),
    "why no alert": lambda: _at("rule_explain", _rule("site:up:sum")),
}


@pytest.fixture
def scene(history, browser):
    """A network with a past, and what holds its alerts back."""
    make_scene()
    now = timezone.now()
    span = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=1)}
    Silence.objects.create(matchers="node=edge-1", comment="zz", author="zz", **span)
    MaintenanceWindow.objects.create(name="zz", matchers="site=fra1", kind="once", **span)
    Node.objects.create(name="edge-1", base_url="http://edge-1.example", role="edge")
    Collector.objects.get_or_create(name="zz", defaults={"source": "zz", "interval_seconds": 15})
    return browser


def test_pages__say_nothing_past_gettext(scene, monkeypatch):
    """Texts, names for readers, titles, the words within charts."""
    addresses, known = {name: page() for name, page in PAGES.items()}, data()
    speak(monkeypatch)
    left = []
    for name, address in addresses.items():
        answer = scene.get(address)
        assert answer.status_code == 200, name
        found = english(answer.content.decode(), known, NOT_WORDS)
        left += [f"{name}: {one}" for one in found]
    assert not left, "\n".join(left)


def test_refusal__says_nothing_past_gettext(client, monkeypatch):
    """But the right's name, which stands so in the forms in which it is given."""
    client.force_login(User.objects.create_user("zz", is_staff=True))
    known = [*data(), "Can view alert", "zz"]
    address = _at("overview_changelist")
    speak(monkeypatch)
    answer = client.get(address)
    assert answer.status_code == 403
    assert english(answer.content.decode(), known, NOT_WORDS) == []


@pytest.mark.parametrize("count", [1, 2])
def test_pending__alone_says_nothing_past_gettext(browser, store, monkeypatch, count):
    """One alert of a rule, and more."""
    rule = make_rule(name="zz")
    for place in range(count):
        make_alert(rule, f"n{place}", AlertState.PENDING)
    known, address = [*data(), *Severity.values], _at("overview_changelist")
    speak(monkeypatch)
    assert english(browser.get(address).content.decode(), known, NOT_WORDS) == []


def test_metric__help_goes_through_gettext(scene, monkeypatch):
    """The catalogue is English on the page of numbers; in admin a project may translate it."""
    metric = Metric.objects.get(name="zerostate_peer_connections")
    speak(monkeypatch)
    page = scene.get(_at("metric_change", metric.pk)).content.decode()
    assert page.count(escape(f"⟦{metric.help}⟧")) == page.count(escape(metric.help)) > 0


BATCHES = {
    "firing": batch(alert(samples=samples()), alert(2, notice="escalated"), truncated=3),
    "again": batch(*(on(f"n{n}", n, notice="repeated") for n in range(30))),
    "both": batch(on("a"), on("b", 2, ended=725)),
    "ended": batch(alert(ended=60, samples=samples())),
    "test": batch(purpose="test"),
    "reminder": batch(alerts=(), purpose="reminder"),
}


@pytest.mark.parametrize("told", BATCHES.values(), ids=BATCHES)
def test_mails__say_nothing_past_gettext(told, monkeypatch):
    """Subject, text, page, and the words of the pictures in it."""
    speak(monkeypatch)
    known = [
        *(text for one in (LABELS, ANNOTATIONS) for text in (*one.values(), *one)),
        *(EXPR, told.receiver, "UTC", BASE, "admin/zerostate_monitoring/alert", "change"),
    ]
    known.sort(key=len, reverse=True)
    pages = {
        "subject": escape(subject(told)),
        "text": escape(plain(told)),
        "page": html(told, {}),
        "page with pictures": html(told, pictures(told.alerts)),
    }
    left = [f"{name}: {one}" for name, page in pages.items() for one in english(page, known)]
    assert not left, "\n".join(left)


# -- what is kept in English, and told in the language of who reads ---------------------


@pytest.fixture
def strict(monkeypatch):
    """A language that knows sentences as they stand in the code, and no text with values."""
    known = [text for one in BOOK.wordings for text in ([one] if isinstance(one, str) else one)]
    speak(monkeypatch, frozenset(known))


def told(page, *texts):
    """Each of ``texts`` stands on the page, and nowhere without its translation."""
    for text in texts:
        assert f"⟦{escape(text)}⟧" in page, text
        assert not re.search(rf"(?<!⟦){re.escape(escape(text))}", page), text


def test_receivers__say_in_the_readers_language_what_they_refuse(browser, strict):
    """A fault of a field, beside the field; with a value in it, too."""
    page = browser.post(
        _at("receiver_add", kind="email"),
        {"name": "ops", "field_recipients": "nobody", "field_sender": "nobody"},
    )
    told(
        page.content.decode(),
        "nobody: This is no address of e-mail.",
        "This is no address, nor a name with an address in < >.",
    )


def test_receivers__answers_are_kept_in_english(scene, strict):
    """On the page of a message, on that of its receiver, and in both lists."""
    message = Message.objects.get(receiver__name="chat")
    answer = "It answers 404: no such channel"
    Message.objects.filter(pk=message.pk).update(answer=answer, status=None)
    now = timezone.now()
    Attempt.objects.create(message=message, started_at=now, outcome="failed", answer=answer)
    ReceiverState.objects.update_or_create(
        receiver=message.receiver,
        defaults={"failing_since": now, "last_error": answer},
    )
    for address in (
        _at("message_change", message.pk),
        _at("message_changelist"),
        _at("receiver_change", message.receiver_id),
        _at("receiver_changelist"),
        _at("delivery"),
    ):
        told(scene.get(address).content.decode(), answer)
    assert Message.objects.get(pk=message.pk).answer == answer


def test_receivers__that_cannot_be_used_say_why(browser, strict):
    """Its secrets were made by a key that nobody has."""
    row = Receiver.objects.create(name="ops", kind="webhook", secret="none", config={})
    page = browser.get(_at("receiver_change", row.pk)).content.decode()
    assert "⟦The secrets cannot be decrypted" in page


def test_health__is_told_in_the_readers_language(browser, strict, monkeypatch):
    """Its own words, the doctor's with their advice, and both in one; JSON stays English."""
    queue = "see that a worker takes the queue zerostate."
    advice = (
        "Start beat (celery -A PROJECT beat), put beat_schedule() into CELERY_BEAT_SCHEDULE, "
        f"and {queue}"
    )
    said = {
        "worker": "no worker takes zerostate",
        "disk": "81% of /data is used",
        "outbox": "a message has been due for 300 s and nobody takes it",
        "redis": "the store does not answer: refused",
    }
    found = [Component(name, unhealthy(text), 0.0, 0.0) for name, text in said.items()]
    found.append(Component("beat", unhealthy("no", advice=advice), 0.0, 0.0))
    late = "has not answered yet; 9 s ago it was healthy: postgresql answers"
    found.append(Component("database", healthy(late), 0.0, 0.0))
    monkeypatch.setattr(answering, "everything", lambda _budget: found)
    monkeypatch.setattr(pages, "BUDGET_SECONDS", 0)
    page = browser.get(_at("health")).content.decode()
    told(page, *said.values(), advice)
    assert "⟦has not answered yet; 9 s ago it was healthy: ⟦postgresql answers⟧⟧" in page
    assert answering.as_json(found[0])["message"] == said["worker"]


def test_rules__say_what_history_they_need_and_from_when_on_they_are_ready(scene, strict):
    """As a rule's health, as a reason, in the list, and in the explanation."""
    rule = Rule.objects.get(name="FewPeers")
    outlook = Readiness(ready=False, needs_ms=1_000, begins_ms=60_000, at_ms=120_000)
    needs = "needs history from 1970-01-01 00:00:01 UTC on, which begins at 1970-01-01 00:01:00 UTC"
    assert str(outlook) == f"{needs}: ready on 1970-01-01 00:02:00 UTC"
    RuleState.objects.filter(rule=rule).update(health=Health.WAITING, reason=str(outlook))
    Alert.objects.filter(rule=rule).update(held="needs history")
    for address in (
        _at("rule_change", rule.pk),
        _at("rule_changelist"),
        _at("rule_explain", rule.pk),
    ):
        page = scene.get(address).content.decode()
        told(page, needs)
        assert f"⟦⟦{needs}⟧: ready on 1970-01-01 00:02:00 UTC⟧" in page
    told(scene.get(_at("alert_change", _alert("FewPeers").pk)).content.decode(), "needs history")


def test_families__say_why_they_are_absent(scene, strict):
    """On the page of their collector; why others are refused, too, also on their own page."""
    absent = {
        "zerostate_escrows": "column escrows.status may not be read by this role",
        "zerostate_tasks": NOT_FINITE,
    }
    name = "zerostate_peer_connections"
    refused = {name: f"{name} is fed by p2p here; zz would count it a second time"}
    row = Collector.objects.get(name="zz")
    Collector.objects.filter(pk=row.pk).update(
        absent=absent, refused=refused, last_error="the node answers 500", failures_in_a_row=2
    )
    page = scene.get(_at("collector_change", row.pk)).content.decode()
    told(page, *absent.values(), *refused.values(), "the node answers 500")
    metric = Metric.objects.get(name=name)
    told(scene.get(_at("metric_change", metric.pk)).content.decode(), *refused.values())


def test_store__that_is_away_is_told_of_in_the_readers_language(scene, strict, monkeypatch):
    """On the overview, and by the doctor."""

    def away(*_args, **_kwargs):
        raise StoreUnavailableError("the store does not answer: Connection refused.")

    for name in ("notes", "describe"):
        monkeypatch.setattr(Store, name, away)
    for address in (_at("overview_changelist"), _at("doctor")):
        page = scene.get(address).content.decode()
        told(page, "the store does not answer: Connection refused.")


def test_reasons__for_holding_back_are_kept_in_english(scene, strict):
    """Whoever's language it is that decides; they are told in that of who reads them."""
    alert = _alert("EdgeNodeDown")
    silence = Silence.objects.get()
    Silence.objects.filter(pk=silence.pk).update(matchers="alertname=EdgeNodeDown")
    reason = load(timezone.now()).reason_for(alert)
    until = f"{silence.ends_at:%Y-%m-%d %H:%M} UTC"
    assert reason.text == f"Silence {silence.pk} by zz until {until}. zz"
    entry = OutboxEntry.objects.filter(alert=alert).first()
    OutboxEntry.objects.filter(pk=entry.pk).update(
        state=OutboxState.SUPPRESSED, reason=reason.text, message=None
    )
    for address in (
        _at("alert_change", alert.pk),
        _at("alert_changelist"),
        _at("alert_explain", alert.pk),
        _at("outboxentry_changelist"),
    ):
        told(scene.get(address).content.decode(), reason.text)


def test_unmarked__finds_what_it_is_for():
    """A text, a title, a name for readers and a button past gettext; not a query, not a value."""
    page = (
        '<p title="left">⟦here ⟦too⟧⟧ and there <code>sum(rate)</code> <bdi>a name</bdi></p>'
        '<svg aria-label="heard"><title>⟦seen⟧</title></svg><input type="submit" value="Go there">'
        '<a href="/x">edge-1</a><script>let words</script>peer_<wbr>id'
    )
    assert unmarked(page) == ["left", "and there", "heard", "Go there", "edge-1", "peer_id"]
    assert english(page, ["edge-1", "peer_id"], ["heard"]) == [
        "Go there  (Go there)", "and there  (and there)", "left  (left)",
    ]  # fmt: skip


@pytest.mark.parametrize("script", sorted(STATIC.glob("*.js")), ids=lambda path: path.name)
def test_scripts__have_no_words_of_their_own(script):
    """What they say comes with the page: no text of several words stands in one."""
    comment = re.compile(r"/\*.*?\*/|^\s*//.*?$|\s// .*?$", re.DOTALL | re.MULTILINE)
    code = comment.sub("", script.read_text())
    texts = re.findall(r"""(["'`])((?:(?!\1).)*)\1""", code)
    assert [text for _quote, text in texts if re.search(r"[A-Z][a-z]+ [a-z]{2,} ", text)] == []


def test_gettext__has_no_name_that_makemessages_does_not_know():
    """What is marked under another name is in no catalogue."""
    other = re.compile(r"\bn?p?gettext\w* as (?!_$)\w+", re.MULTILINE)
    root = Path(zerostate_monitoring.__file__).parent
    found = [
        f"{path.name}: {one}"
        for path in root.rglob("*.py")
        for one in other.findall(path.read_text())
    ]
    assert found == []
