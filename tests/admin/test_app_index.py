"""The start page of the app: what is what, for whoever may see it."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

pytestmark = pytest.mark.django_db

INDEX = reverse("admin:app_list", args=["zerostate_monitoring"])
TOLD = (
    *("Messages", "Outbox entries", "Notification groups", "Delivery"),
    *("Silences", "Maintenance windows", "Inhibitions"),
)


def guide(client):
    html = client.get(INDEX).content.decode()
    return html[html.index('id="content-related"') :]


def test_guide__says_how_things_that_sound_alike_differ(browser):
    """A sentence for each, and no two the same; and that the watchdog is no fault."""
    found = re.findall(r"<p><strong>([^<]+)</strong>: ([^<]{20,})</p>", guide(browser))
    assert sorted(name for name, _said in found) == sorted(TOLD)
    assert len({said for _name, said in found}) == len(TOLD)
    assert "Watchdog always fires, by design" in guide(browser)


@pytest.mark.parametrize("right", ["view_node", "view_silence", "view_outboxentry", "view_rule"])
def test_guide__leads_only_where_one_may_go(client, store, right):
    """Each link opens; what one may not see is not explained."""
    user = User.objects.create_user("looker", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename=right))
    client.force_login(user)
    html = guide(client)
    links = re.findall(r'href="([^"]+)"', html.split("</aside>")[0].split("<script")[0])
    links = [link if link.startswith("/") else INDEX + link for link in links]
    assert {client.get(link).status_code for link in links} <= {200}
    assert bool(links) == (right != "view_outboxentry")
    assert ("<strong>Silences</strong>" in html) == (right == "view_silence")
