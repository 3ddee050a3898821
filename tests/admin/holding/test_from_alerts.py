"""Silencing and acknowledging from alerts' pages: who may, what is made, what is written down."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from tests.alerting import rows
from zerostate_monitoring.alerting import suppression
from zerostate_monitoring.models import Alert, AlertEvent, Silence
from zerostate_monitoring.models.words import AlertState

pytestmark = pytest.mark.django_db

LIST = reverse("admin:zerostate_monitoring_alert_changelist")
HOUR = timedelta(hours=1)


def html(response):
    return unescape(response.content.decode())


def page(alert, name="change"):
    return reverse(f"admin:zerostate_monitoring_alert_{name}", args=(alert.pk,))


def allow(viewer, codename):
    """Give the viewer one permission more."""
    user = User.objects.get(username="viewer")
    user.user_permissions.add(Permission.objects.get(codename=codename))
    return viewer


def reason(alert):
    """What holds an alert back now."""
    found = suppression.load(timezone.now()).reason_for(Alert.objects.get(pk=alert.pk))
    return found and found.kind


def log():
    return list(LogEntry.objects.order_by("pk").values_list("user__username", "change_message"))


def test_one_click__silences_this_alert_alone(browser):
    """All its labels, for as long as was chosen, until it ends at the latest; logged."""
    alert, other = rows.alert(node='a "1"'), rows.alert(node="b")
    text = html(browser.post(page(alert, "silence"), {"lasts": "4h"}, follow=True))
    assert "Silenced for 4h" in text
    made = Silence.objects.get()
    assert made.matchers == 'alertname="NodeDown"\nnode="a \\"1\\""'
    assert made.ends_at - made.starts_at == pytest.approx(4 * HOUR, abs=timedelta(seconds=1))
    assert (made.author, made.alert, made.ends_on_resolve) == ("root", alert, True)
    assert (reason(alert), reason(other)) == ("silence", None)
    ((who, said),) = log()
    assert who == "root"
    assert said.startswith("Silenced for 4h: ")


def test_more_than_this_one__is_filled_in(browser):
    """The link on the page leads to a form with its labels and an end."""
    alert = rows.alert(node="n1", site="fra1")
    link = f"{reverse('admin:zerostate_monitoring_silence_add')}?alert={alert.pk}"
    assert f'href="{link}"' in html(browser.get(page(alert)))
    form = browser.get(link).context["adminform"].form
    assert form["matchers"].value() == 'alertname="NodeDown"\nnode="n1"\nsite="fra1"'
    assert form["lasts"].value() == "1h"


def test_many__are_silenced_with_one_comment(browser):
    """First a page that names them; what has ended is left out; one log line for each."""
    alerts = [rows.alert(node=str(n)) for n in range(3)]
    ended = rows.alert(node="ended", state=AlertState.RESOLVED)
    chosen = {"action": "silence", "_selected_action": [a.pk for a in (*alerts, ended)]}
    asked = html(browser.post(f"{LIST}?show=all", chosen))
    assert "Silence 3 alerts" in asked
    assert not Silence.objects.exists()
    sent = {**chosen, "confirmed": "yes", "comment": "carrier", "lasts": "1d"}
    assert "Done for 3 alerts." in html(browser.post(f"{LIST}?show=all", sent, follow=True))
    assert {row.comment for row in Silence.objects.all()} == {"carrier"}
    assert [reason(alert) for alert in alerts] == ["silence"] * 3
    assert len(log()) == 3


def test_many__are_acknowledged_with_one_comment(browser):
    """Those that fire; in the trail of each stands who and until when."""
    alerts = [rows.alert(node=str(n)) for n in range(2)]
    pending = rows.alert(node="p", state=AlertState.PENDING)
    sent = {
        "action": "acknowledge",
        "_selected_action": [a.pk for a in (*alerts, pending)],
        "confirmed": "yes",
        "comment": "on it",
        "until": "1h",
    }
    assert "Done for 2 alerts." in html(browser.post(LIST, sent, follow=True))
    assert [reason(alert) for alert in alerts] == ["acknowledged"] * 2
    assert reason(pending) is None
    trail = AlertEvent.objects.values_list("kind", "actor__username", "detail__comment")
    assert list(trail) == [("acknowledged", "root", "on it")] * 2
    assert log() == [("root", "Acknowledged: on it")] * 2


@pytest.mark.parametrize(
    ("name", "sent", "permission"),
    [
        ("silence", {"lasts": "1h"}, "silence_alert"),
        ("acknowledge", {"comment": "me"}, "acknowledge_alert"),
        ("unacknowledge", {}, "acknowledge_alert"),
        ("comment", {"comment": "a disk"}, "acknowledge_alert"),
    ],
)
def test_each__needs_its_permission_and_a_post(viewer, name, sent, permission):
    """Looking is not enough; neither is an address that somebody clicks on."""
    alert = rows.alert()
    Alert.objects.update(acknowledged_at=timezone.now() if name == "unacknowledge" else None)
    assert viewer.post(page(alert, name), sent).status_code == 403
    assert f'action="../{name}/"' not in html(viewer.get(page(alert)))
    allow(viewer, permission)
    viewer.get(page(alert, name))
    assert (AlertEvent.objects.count(), Silence.objects.count(), log()) == (0, 0, [])
    viewer.post(page(alert, name), sent)
    assert AlertEvent.objects.count() + Silence.objects.count() == 1
    assert [who for who, _said in log()] == ["viewer"]


@pytest.mark.parametrize("action", ["silence", "acknowledge"])
def test_bulk_action__is_not_offered_without_its_permission(viewer, action):
    """Nor done when it is sent all the same."""
    alert = rows.alert()
    assert f'value="{action}"' not in html(viewer.get(LIST))
    sent = {"action": action, "_selected_action": [alert.pk], "confirmed": "yes", "lasts": "1h"}
    viewer.post(LIST, sent, follow=True)
    assert not Silence.objects.exists()
    assert reason(alert) is None


@pytest.mark.parametrize("lasts", ["", "-1h", "forever", "2y", "0"])
def test_length__that_is_none_is_refused(browser, lasts):
    """With a word; nothing is made."""
    alert = rows.alert()
    assert 'class="error"' in html(
        browser.post(page(alert, "silence"), {"lasts": lasts}, follow=True)
    )
    assert not Silence.objects.exists()
