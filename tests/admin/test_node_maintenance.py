"""A node that is silenced while somebody works on it, and one that is tried before it is saved."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from tests.alerting import rows
from tests.storage.timelines import INTERVAL, fill, now_slot, series
from zerostate_monitoring.admin.node_maintenance import quiet_nodes
from zerostate_monitoring.admin.node_past import latencies
from zerostate_monitoring.models import Node, Silence
from zerostate_monitoring.storage.recording import Recorder

pytestmark = pytest.mark.django_db

LIST = reverse("admin:zerostate_monitoring_node_changelist")
ADD = reverse("admin:zerostate_monitoring_node_add")
FORM = {"name": "n1", "role": "edge", "base_url": "http://n1.example", "enabled": "on"}
TRY = {"_try": "1"}
HOUR = timedelta(hours=1)


def html(response):
    assert response.status_code == 200
    return unescape(response.content.decode())


def url(name, node):
    return reverse(f"admin:zerostate_monitoring_node_{name}", args=(node.pk,))


@pytest.fixture
def node():
    return Node.objects.create(name="edge-7", base_url="http://edge-7.example")


def silence(matchers, starts=-HOUR, ends=HOUR, **fields):
    now = timezone.now()
    return rows.silence(matchers, now + starts, now + ends, **fields)


# -- maintenance -------------------------------------------------------------------


def test_maintenance__says_what_it_hits_before_it_is_done(browser, store, node):
    """The alerts of this node and of no other; looking changes nothing."""
    rows.alert(node="edge-7")
    rows.alert("Other", node="edge-8")
    text = html(browser.get(url("maintenance", node)))
    assert "It hits 1 firing and 0 pending of 2 live alerts." in text
    assert 'node="edge-7"' in text
    assert not Silence.objects.exists()


def test_maintenance__is_one_step_and_is_written_down(browser, store, node):
    """From its page: how long and why; who did it stands in two histories."""
    assert url("maintenance", node) in html(browser.get(url("change", node)))
    data = {"lasts": "4h", "reason": "new disks"}
    response = browser.post(url("maintenance", node), data, follow=True)
    row = Silence.objects.get()
    assert (row.matchers, row.comment, row.author) == ('node="edge-7"', "new disks", "root")
    assert row.ends_at - row.starts_at == 4 * HOUR
    text = html(response)
    assert "Alerts of edge-7 are not sent until" in text
    assert "root silenced it until" in text
    said = {(one.content_type.model, one.object_id) for one in LogEntry.objects.all()}
    assert said == {("silence", str(row.pk)), ("node", str(node.pk))}


@pytest.mark.parametrize(
    "data", [{}, {"lasts": "4h"}, {"lasts": "9y", "reason": "x"}, {"lasts": "1h", "reason": " "}]
)
def test_maintenance__wants_a_length_and_a_reason(browser, store, node, data):
    """The form comes back with what is missing, and nothing is silenced."""
    response = browser.post(url("maintenance", node), data)
    assert response.context["form"].errors or not data
    assert not Silence.objects.exists()


def test_maintenance__by_two_operators(browser, store, node):
    """Who comes second is told who was quicker; sent again, it is meant."""
    page = browser.get(url("maintenance", node))
    seen = page.context["form"]["seen"].value()
    silence('node="edge-7"', author="ada", comment="disks")
    data = {"lasts": "1h", "reason": "mine", "seen": seen}
    response = browser.post(url("maintenance", node), data)
    text = html(response)
    assert "Meanwhile: ada silenced it until" in text
    assert Silence.objects.count() == 1
    data["seen"] = response.context["form"]["seen"].value()
    browser.post(url("maintenance", node), data)
    assert Silence.objects.count() == 2


def test_maintenance__needs_the_right_to_silence(viewer, store, node):
    """Who may look is not offered it, and is refused."""
    assert url("maintenance", node) not in html(viewer.get(url("change", node)))
    assert viewer.get(url("maintenance", node)).status_code == 403
    user = User.objects.get(username="viewer")
    user.user_permissions.add(Permission.objects.get(codename="silence_alert"))
    assert viewer.get(url("maintenance", node)).status_code == 200


def test_maintenance__of_a_node_that_is_gone(browser, store):
    """A link that is too old."""
    page = reverse("admin:zerostate_monitoring_node_maintenance", args=(99,))
    assert browser.get(page).status_code == 404


@pytest.mark.parametrize(
    ("matchers", "is_quiet"),
    [
        ('node="edge-7"', True),
        ('node=~"edge-.*"', True),
        ('node!="edge-8"', True),
        ('node="edge-8"', False),
        ('node="edge-7"\nseverity="warning"', False),
        ('severity="warning"', False),
        ('node=~"(["', False),
    ],
)
def test_quiet__is_what_a_silence_of_nodes_names(matchers, is_quiet):
    """One of some of its alerts, of others, or a broken one makes no node quiet."""
    silence(matchers)
    assert ("edge-7" in quiet_nodes(["edge-7"], timezone.now())) is is_quiet


def test_quiet__only_while_it_holds():
    """Neither before it begins nor after its end."""
    silence('node="edge-7"', HOUR, 2 * HOUR)
    silence('node="edge-7"', -2 * HOUR, -HOUR)
    assert quiet_nodes(["edge-7"], timezone.now()) == {}


def test_list__says_who_is_silenced_and_what_to_do_about_errors(browser, store, node):
    """A sign beside the state; below the error what it means."""
    silence('node="edge-7"', author="ada", comment="disks")
    error = {"at": 1.0, "up": False, "error": "<b>no</b>", "error_kind": "unauthorized"}
    store.note("node", {"edge-7": error})
    text = browser.get(LIST).content.decode()
    assert "silenced" in text
    assert "unauthorized: &lt;b&gt;no" in text
    assert "Correct the token or the password." in text


# -- the last hour -----------------------------------------------------------------


def test_latencies__are_one_line_for_each_node(store, settings):
    """By one question, whatever signs stand in the names; of others, nothing."""
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 60
    names, last = ("edge.1", "edge-2"), now_slot()
    fill_latencies(store, last, dict.fromkeys((*names, "edgeX1"), range(0)))
    found = latencies(names, last)
    assert set(found) == set(names)
    assert all(line.startswith("<svg") for line in found.values())


def fill_latencies(store, last, down):
    """Forty slots to ``last``: how long each scrape took, and in which of them it failed."""
    pages = [
        {
            series(family, node=name): value
            for name, failed in down.items()
            for family, value in (
                ("zerostate_node_scrape_duration_seconds", 0.0 if at in failed else 0.01 * at + 1),
                ("zerostate_node_up", float(at not in failed)),
            )
        }
        for at in range(40)
    ]
    fill(Recorder(store.timeline()), pages, last - 39 * INTERVAL)


def test_latencies__who_is_down_has_none(store, settings):
    """A scrape that fails at once is no fast answer: a gap, no line to 0; nor a dot at the end."""
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 60
    last = now_slot()
    down = {"well": range(0), "back": range(10, 30), "gone": range(20, 40), "never": range(40)}
    fill_latencies(store, last, down)
    found = latencies(tuple(down), last)
    assert set(found) == {"well", "back", "gone"}
    assert {name: line.count("M") for name, line in found.items()} == {
        "well": 1,
        "back": 2,
        "gone": 1,
    }
    assert {name: "<circle" in line for name, line in found.items()} == {
        "well": True,
        "back": True,
        "gone": False,
    }


def test_latencies__where_nobody_remembers(settings):
    """No history, a store that is away, or no rows: no line, and no error."""
    assert latencies(["a"], now_slot()) == {}
    settings.ZEROSTATE_MONITORING_HISTORY = 0
    assert latencies(["a"], now_slot()) == {}
    assert latencies([], now_slot()) == {}


# -- tried before it is saved ------------------------------------------------------


def test_try__asks_and_saves_nothing(browser, store, node_server):
    """The add form comes back as it was entered, with what the node answered."""
    response = browser.post(ADD, {**FORM, **TRY, "base_url": node_server})
    text = html(response)
    assert "Tried out; nothing is saved yet" in text
    assert "It answered: " in text
    assert f'value="{node_server}"' in text
    assert "Please correct" not in text
    assert not Node.objects.exists()
    assert not LogEntry.objects.exists()


def test_try__says_what_is_wrong_and_what_to_do(browser, store):
    """A node that does not answer: the error, and advice."""
    text = html(browser.post(ADD, {**FORM, **TRY, "base_url": "http://127.0.0.1:1"}))
    assert "refused: " in text
    assert "Nothing listens there" in text
    assert not Node.objects.exists()


def test_try__asks_nobody_where_the_form_is_wrong(browser, store, monkeypatch):
    """What cannot be saved is not asked for."""
    from zerostate_monitoring.admin import node_form

    monkeypatch.setattr(node_form, "try_out", lambda node: pytest.fail("it was asked"))
    text = html(browser.post(ADD, {**FORM, **TRY, "base_url": "ftp://x"}))
    assert "Please correct the error below" in text


def test_try__of_a_saved_node_asks_the_new_address_and_keeps_the_old(
    browser, store, node, node_server
):
    """What stands in the form is asked, not what stands in the row."""
    data = {**FORM, **TRY, "name": "edge-7", "base_url": node_server}
    assert "It answered" in html(browser.post(url("change", node), data))
    node.refresh_from_db()
    assert node.base_url == "http://edge-7.example"


def test_try__does_not_send_a_kept_token_elsewhere(browser, store, node, node_server):
    """Whoever changes the address must know the token, to try it as to save it."""
    Node.objects.filter(pk=node.pk).update(token="s3cret")
    data = {**FORM, **TRY, "name": "edge-7", "base_url": node_server}
    text = html(browser.post(url("change", node), data))
    assert "Enter it again or clear it" in text
    assert "It answered" not in text


def test_try__a_token_is_not_sent_back_and_not_forgotten(browser, store, node_server):
    """It is on no page; saved without it, the form asks for it again."""
    tried = {**FORM, "base_url": node_server, "token": "s3cret"}
    text = html(browser.post(ADD, {**tried, **TRY}))
    assert "s3cret" not in text
    assert "enter it again before you save" in text
    assert 'name="tried_with_token"' in text
    saved = {**FORM, "base_url": node_server, "tried_with_token": "on"}
    text = html(browser.post(ADD, saved))
    assert "It was tried with a token" in text
    assert not Node.objects.exists()
    browser.post(ADD, {**saved, "token": "s3cret"})
    assert Node.objects.get().token == "s3cret"


def test_try__while_the_app_is_switched_off(browser, settings):
    """Nobody is asked, and the page says why."""
    settings.ZEROSTATE_MONITORING_ENABLED = False
    text = html(browser.post(ADD, {**FORM, **TRY}))
    assert "ZEROSTATE_MONITORING_ENABLED" in text
    assert not Node.objects.exists()


def test_try__needs_the_right_to_add(viewer, store, node_server):
    """A form that one may not send asks nobody."""
    assert viewer.post(ADD, {**FORM, **TRY, "base_url": node_server}).status_code == 403
