"""All that pages say goes through gettext: nothing of ours is left in English by accident."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.urls import reverse
from django.utils import timezone

import zerostate_monitoring
from tests.admin.pseudo import data, english, speak, unmarked
from tests.admin.scene import make_scene
from zerostate_monitoring.models import (
    Collector,
    MaintenanceWindow,
    Message,
    Metric,
    Node,
    Rule,
    Silence,
)

pytestmark = pytest.mark.django_db

STATIC = Path(zerostate_monitoring.__file__).parent / "static" / "zerostate_monitoring"
NOT_WORDS = ("UTC", "PromQL", "ZeroState", "CSV", "JSON", "YAML", "NaN", "Inf", "HTTP", "TLS",
    # Types of OpenMetrics, roles of nodes, the group that a new rule gets: names, too.
    "gauge", "service", "node_role", "histogram", "edge", "own-rules",
)  # fmt: skip
"""Names and signs, which are the same in every language."""


def _at(name, *args, **query):
    asked = f"?{urlencode(query)}" if query else ""
    return reverse(f"admin:zerostate_monitoring_{name}", args=args) + asked


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
