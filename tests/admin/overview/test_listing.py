"""What fires and what is pending on the overview: a row for each rule, and none left out."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from tests.alerting.alerts import make_alert
from tests.models.rules import make_rule
from zerostate_monitoring.admin.overview import listing
from zerostate_monitoring.models import Alert, Silence
from zerostate_monitoring.models.words import AlertState

pytestmark = pytest.mark.django_db

OVERVIEW = reverse("admin:zerostate_monitoring_overview_changelist")
PENDING = AlertState.PENDING


def many(name, count, severity="critical", **fields):
    rule = make_rule(name=name, severity=severity)
    return [make_alert(rule, f"{name}-{place}", **fields) for place in range(count)]


def rows(browser, part="firing"):
    return browser.get(OVERVIEW).context[part]


def section(browser):
    html = browser.get(OVERVIEW).content.decode()
    return html[html.index('data-part="firing"') : html.index('data-part="network"')]


# -- one row for each rule -----------------------------------------------------------


def test_rows__a_rule_with_many_alerts_hides_no_other(browser):
    """Twenty of one are one row with how many there are; the other rule has its own."""
    many("EvaluationsMissed", 20)
    many("LookupsBusy", 6, "warning")
    many("Alone", 1, "warning")
    found = {row["name"]: row["count"] for row in rows(browser)}
    assert found == {"EvaluationsMissed": 20, "LookupsBusy": 6, "Alone": 1}
    assert "20 alerts" in section(browser)


def test_rows__lead_to_all_of_the_rule_or_to_the_one(browser):
    """One of many leads to the group, in which all of them stand; one alone to its own page."""
    many("Missed", 4)
    [alone] = many("Alone", 1, "warning")
    group, one = rows(browser)
    asked = parse_qs(urlsplit(group["url"]).query)
    assert asked == {"by": ["alertname"], "value": ["Missed"]}
    assert [found["value"] for found in browser.get(group["url"]).context["groups"]] == ["Missed"]
    assert one["url"] == reverse("admin:zerostate_monitoring_alert_change", args=(alone.pk,))


def test_rows__the_same_rule_with_another_severity_is_another_row(browser):
    """Red is not mixed with yellow."""
    rule = make_rule(name="Slow", severity="warning")
    make_alert(rule, "a")
    make_alert(rule, "b", severity="critical")
    assert [(row["name"], row["count"]) for row in rows(browser)] == [("Slow", 1), ("Slow", 1)]
    assert "critical" in rows(browser)[0]["severity"]


def test_rows__what_was_not_looked_at_is_counted_all_the_same(browser, monkeypatch):
    """Of very many alerts each rule still has its row, and the number is of all."""
    monkeypatch.setattr(listing, "MOST", 3)
    many("Flood", 9)
    many("Quiet", 2, "warning")
    many("Soon", 2, state=PENDING)
    assert {row["name"]: row["count"] for row in rows(browser)} == {"Flood": 9, "Quiet": 2}
    assert [(row["name"], row["count"]) for row in rows(browser, "pending")] == [("Soon", 2)]


def test_rows__say_of_how_many_nobody_has_any(browser):
    """Taken on by somebody, held back by a silence, and the rest."""
    alerts = many("Missed", 5)
    user = User.objects.get(username="root")
    now = timezone.now()
    taken = {"acknowledged_at": now, "acknowledged_by": user}
    Alert.objects.filter(pk=alerts[0].pk).update(**taken)
    span = {"starts_at": now - timedelta(minutes=1), "ends_at": now + timedelta(hours=1)}
    Silence.objects.create(matchers='node="Missed-1"', author="x", comment="x", **span)
    [row] = rows(browser)
    assert (row["open"], row["taken_by"]) == ("nobody: 3 of 5", "root")
    assert "silenced" in "".join(row["held"])

    Alert.objects.exclude(pk=alerts[1].pk).update(**taken)
    [row] = rows(browser)
    assert row["open"] == ""


def test_rows__what_nobody_has_comes_before_what_somebody_has(browser):
    """A warning that is open stands above a critical one that is taken on."""
    many("Taken", 2)
    Alert.objects.update(acknowledged_at=timezone.now())
    many("Open", 2, "warning")
    assert [row["name"] for row in rows(browser)] == ["Open", "Taken"]


def test_rows__those_left_out_are_counted(browser):
    """More rules than have room: how many more, beside the way to them."""
    for place in range(listing.LISTED + 2):
        many(f"Rule{place}", 1)
    assert len(rows(browser)) == listing.LISTED
    assert "and 2 rules more" in section(browser)


# -- what is pending ------------------------------------------------------------------


def test_pending__is_listed_where_nothing_fires(browser):
    """It does not say that nothing is there; each row leads to its alerts."""
    [alone] = many("Soon", 1, state=PENDING)
    many("Busy", 5, "warning", state=PENDING)
    html = section(browser)
    assert "Nothing fires yet; 6 are pending:" in html
    assert "Nothing fires." not in html
    assert reverse("admin:zerostate_monitoring_alert_change", args=(alone.pk,)) in html
    assert "value=Busy" in html
    assert [row["name"] for row in rows(browser, "pending")] == ["Soon", "Busy"]


def test_pending__stands_after_what_fires_and_is_marked_in_words(browser):
    """Each row says it; a colour alone would not do."""
    many("Fires", 1, "warning")
    many("Soon", 1, state=PENDING)
    html = section(browser)
    assert html.index(">Fires</a>") < html.index("1 is pending: nobody is told of it yet.")
    assert html.index("nobody is told of it yet.") < html.index(">Soon</a>")
    row = next(part for part in html.split("<tr") if ">Soon</a>" in part)
    assert "</span> pending</span>" in row
    assert "#acknowledge" not in row


def test_pending__by_design_is_for_nobody(browser):
    """A watchdog that is to fire is no news."""
    many("Watchdog", 1, "none", state=PENDING)
    assert "Nothing fires." in section(browser)
    assert rows(browser, "pending") == []


# -- on a phone -----------------------------------------------------------------------


@pytest.mark.parametrize(("firing", "pending"), [(0, 6), (2, 4), (7, 5)])
def test_phone__three_rows_at_most_and_the_others_are_counted(browser, firing, pending):
    """Whatever there is, the figures are near; all rows are on the page for a wide screen."""
    for place in range(firing):
        many(f"Fires{place}", 2)
    for place in range(pending):
        many(f"Soon{place}", 1, state=PENDING)
    html = section(browser)
    tables = [part.split("</table>")[0] for part in html.split('zsm-fires">')[1:]]
    assert sum(one.count("<tr><td>") for one in tables) == 3
    assert sum(one.count('class="zsm-on-desk"><td>') for one in tables) == firing + pending - 3
    assert f"and {firing + pending - 3} rules more" in html


# -- what an alert says ------------------------------------------------------------------


def test_rows__say_what_the_rule_says_of_it(browser):
    """The summary in words, its labels below; what is long is cut, and whole in its title."""
    long = "peers are few " * 20
    rule = make_rule(name="Few", severity="warning")
    make_alert(rule, "edge-6", annotations={"summary": long})
    [row] = rows(browser)
    assert row["said"].index("peers are few") < row["said"].index("node=edge-6")
    assert f'title="{long.strip()}"' in row["said"]
    [shown] = re.findall(r">([^<]*)</bdi>", row["said"])[:1]
    assert len(shown) <= 100


def test_rows__without_a_summary_have_their_labels(browser):
    """What has no annotation is still told from others."""
    make_alert(make_rule(name="Few"), "edge-6", annotations={})
    [row] = rows(browser)
    assert "node=edge-6" in row["said"]
    assert "zsm-tells" not in row["said"]
