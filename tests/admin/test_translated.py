"""All that pages say goes through gettext: nothing of ours is left in English by accident."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

import zerostate_monitoring
from tests.admin.pseudo import data, english, speak, unmarked
from tests.admin.scene import make_scene
from tests.notifiers.batches import ANNOTATIONS, BASE, EXPR, LABELS, alert, batch, on, samples
from zerostate_monitoring.models import (
    Alert,
    Collector,
    MaintenanceWindow,
    Message,
    Metric,
    Node,
    Rule,
    Silence,
)
from zerostate_monitoring.notifiers.mail import html, pictures
from zerostate_monitoring.notifiers.subjects import subject
from zerostate_monitoring.notifiers.texts import plain

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
