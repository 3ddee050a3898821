"""Every page with what breaks careless ones: texts from outside, no store, no rights."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from tests.admin.scene import make_scene
from tests.real.screens.addresses import addresses
from zerostate_monitoring.models import (
    Alert,
    AlertEvent,
    MaintenanceWindow,
    Message,
    Node,
    NotificationGroup,
    Receiver,
    Route,
    Silence,
)

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
SCRIPT = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
BAD = {"script": SCRIPT, "bidi": "\u202eevil\u2066\u200f{{ 7|add:7 }}", "long": "ü" * 5_000}
WEIGHT = 1_000_000
"""Bytes; what is long is cut where there are many of it."""
FOR_ALL = ("index", "explore")
"""The index, of what one may see; and queries, which all members of staff may ask (docs)."""
SAYS_SO = ("overview-list", "metric-list", "metric-row", "node-list", "node-row", "collector-list")


def fill(bad):
    """What comes from outside, or from an operator, wherever a page shows it."""
    make_scene()
    name = bad[:150]
    now = timezone.now()
    labels = {"alertname": "EdgeNodeDown", "node": bad, "site": bad}
    Alert.objects.update(labels=labels, annotations={"summary": bad, "description": bad})
    Alert.objects.filter(acknowledged_at__isnull=False).update(acknowledgement=bad)
    AlertEvent.objects.update(detail={"comment": bad, "text": bad})
    span = {"starts_at": now - HOUR, "ends_at": now + HOUR}
    Silence.objects.create(matchers="site=fra1", comment=bad, author=name, **span)
    MaintenanceWindow.objects.create(name=name, matchers="a=b", comment=bad, kind="once", **span)
    Node.objects.create(name="edge-1", base_url="http://edge-1.example", labels={"place": bad})
    Message.objects.update(subject=bad[:500], answer=bad, receiver_name=name)
    NotificationGroup.objects.update(labels={"node": bad})
    Receiver.objects.filter(pk=Receiver.objects.first().pk).update(name=name)
    Route.objects.filter(pk=Route.objects.first().pk).update(name=name)


@pytest.mark.parametrize("kind", BAD)
def test_texts__are_texts_on_every_page(browser, store, kind):
    """HTML, scripts, templates, bidi, 10 kB: shown or cut, and never more than a text."""
    fill(BAD[kind])
    found = {
        **addresses(),
        "about bad": f"{reverse('admin:zerostate_monitoring_about')}?"
        + urlencode({"label": "node", "value": BAD[kind]}),
    }
    for name, address in found.items():
        answer = browser.get(address)
        assert answer.status_code == 200, name
        page = answer.content.decode()
        assert "<script>alert" not in page, name
        assert "<img src=x" not in page, name
        assert "evil\u2066\u200f14" not in page, name
        assert len(answer.content) < WEIGHT, name


def test_store__that_is_away_closes_no_page(browser):
    """Each page opens; those that show what the store holds say that it does not answer."""
    make_scene()
    Node.objects.create(name="edge-1", base_url="http://edge-1.example")
    for name, address in addresses().items():
        answer = browser.get(address)
        assert answer.status_code == 200, name
        if name in SAYS_SO:
            assert "does not answer" in unescape(answer.content.decode()), name


def test_links__lead_nobody_without_rights_anywhere(client, store):
    """Staff without a right get a sentence for each page, never its content, nor an error."""
    User.objects.create_superuser("root")
    make_scene()
    found = addresses()
    client.force_login(User.objects.create_user("guest", is_staff=True))
    for name, address in found.items():
        answer = client.get(address)
        if name not in FOR_ALL:
            assert answer.status_code in {403, 404}, (name, answer.status_code)
        assert "EdgeNodeDown" not in answer.content.decode(), name
