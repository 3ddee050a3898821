"""Who is refused is told the one right that opens the page, whom to ask, and where to go."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from tests.models.rules import make_rule

pytestmark = pytest.mark.django_db


def at(name, *args):
    return reverse(f"admin:zerostate_monitoring_{name}", args=args)


@pytest.fixture
def logged_in(client):
    """A member of staff with these rights."""

    def log_in(*codenames):
        user = User.objects.create_user("looker", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client.force_login(user)
        return client

    return log_in


def refused(answer):
    """The rights that the page names, and the page."""
    html = answer.content.decode()
    assert answer.status_code == 403
    content = html[html.index('id="content-main"') :]
    return re.findall(r"<code>([\w.]+)</code>", content), content


@pytest.mark.parametrize("page", ["rule", "alert", "message", "metric", "node", "silence", "route"])
def test_lists__name_the_right_to_view(logged_in, page):
    """One right and no list of five; as it is called where it is given; and whom to ask."""
    rights, html = refused(logged_in("view_collector").get(at(f"{page}_changelist")))
    assert rights == [f"zerostate_monitoring.view_{page}"]
    assert f"Can view {page}" in html
    assert "Ask whoever administers this site" in html


def test_forms__name_what_is_to_be_done(logged_in):
    """Who may look is told of the right to add, to delete, to change."""
    client, rule = logged_in("view_rule"), make_rule()
    pages = {"add": at("rule_add"), "delete": at("rule_delete", rule.pk)}
    for action, page in pages.items():
        assert refused(client.get(page))[0] == [f"zerostate_monitoring.{action}_rule"]
    changing = client.post(at("rule_change", rule.pk), {})
    assert refused(changing)[0] == ["zerostate_monitoring.change_rule"]


def test_explore__a_rule_of_it_wants_the_right_to_add_one(logged_in):
    """The page is of metrics, and the right of rules."""
    rights, _html = refused(logged_in("view_metric").get(at("explore_rule"), {"query": "1"}))
    assert rights == ["zerostate_monitoring.add_rule"]


def test_nobody__is_led_nowhere_empty(logged_in):
    """Without any right no link leads on but home, and it says so; what is linked opens."""
    client = logged_in()
    for page in (at("overview_changelist"), at("rule_changelist"), at("explore")):
        answer = client.get(page)
        _rights, html = refused(answer)
        assert "What you may see" not in html
        assert "nothing else" in html
        frame = answer.content.decode()
        crumbs = frame[frame.index('class="breadcrumbs"') : frame.index('id="content-main"')]
        links = re.findall(r'href="(/admin/[^"]*)"', crumbs)
        assert {client.get(link).status_code for link in links} == {200}


def test_somebody__is_led_to_what_there_is(logged_in):
    """With any right the index has something, and the link to it is there."""
    _rights, html = refused(logged_in("view_node").get(at("rule_changelist")))
    assert "What you may see" in html


def test_superuser__is_named_no_right(browser):
    """Where nothing is lacking none is asked for: nobody writes an alert by hand."""
    rights, html = refused(browser.post(at("alert_add"), {}))
    assert rights == []
    assert "nobody does this here" in html
