"""How a rule stands, of alerts that are at hand: the same as the database sums up."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from tests.admin.rules.posting import ADD, GROUPS, RULES, change_url, text
from tests.alerting.alerts import make_alert
from tests.models.rules import make_rule
from zerostate_monitoring.admin import glossary
from zerostate_monitoring.admin.rules.standing import NOTHING, standing_of, standings
from zerostate_monitoring.models import Alert, RuleState
from zerostate_monitoring.models.words import LIVE, AlertState, Health

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("states", ["", "f", "p", "fp", "ffpa", "aa", "n"])
def test_standing__is_that_of_the_database(states):
    """Firing, pending, acknowledged ones, with values, without one, and none at all."""
    rule, now = make_rule(), timezone.now()
    for place, state in enumerate(states):
        alert = make_alert(rule, f"edge-{place}")
        is_pending = state == "p"
        Alert.objects.filter(pk=alert.pk).update(
            state=AlertState.PENDING if is_pending else AlertState.FIRING,
            started_at=now - timedelta(minutes=place + 2),
            fired_at=None if is_pending else now - timedelta(minutes=place + 1),
            acknowledged_at=now if state == "a" else None,
            value=None if state == "n" else float(place),
        )
    live = list(Alert.objects.filter(rule=rule, state__in=LIVE))
    assert standing_of(live) == standings([rule]).get(rule.pk, NOTHING)


@pytest.mark.parametrize("fires", [True, False])
def test_health__of_a_rule_that_fires_before_its_history_is_complete(browser, store, fires):
    """It does not say that it needs what it evidently does without; when all is there, it says."""
    rule = make_rule(expr="rate(zerostate_task_total[30m]) > 1 or zerostate_node_up == 0")
    ready = timezone.now().replace(hour=4, minute=26)
    RuleState.objects.update_or_create(
        rule=rule, defaults={"health": Health.WAITING, "ready_at": ready, "reason": "needs history"}
    )
    make_alert(rule, state=AlertState.FIRING if fires else AlertState.PENDING)
    for address in (RULES, change_url(rule), f"{GROUPS}{rule.group_id}/change/"):
        page = text(browser.get(address)).replace("\xa0", " ")
        assert ("fires already" in page) is fires
        assert ("its 30 min part is complete at 04:26" in page) is fires
        assert ("</span> needs history</span>" in page) is not fires
    assert ("<td>needs history</td>" in text(browser.get(change_url(rule)))) is not fires


# -- what the words mean -----------------------------------------------------------------


@pytest.mark.parametrize("health", [one for one in Health if one not in {Health.OK, "unknown"}])
def test_health__says_what_its_word_means(browser, store, health):
    """As a title where there is a column, and beside it on the page of the rule."""
    rule, means = make_rule(), escape(glossary.HEALTHS[health])
    RuleState.objects.update_or_create(rule=rule, defaults={"health": health})
    assert f'title="{means}"' in text(browser.get(RULES))
    assert f'<span class="zsm-advice">{means}</span>' in text(browser.get(change_url(rule)))


def test_words__are_explained_where_they_stand(browser, store):
    """Each word of the page's glossary, with its sentence; without a rule as well."""
    rule = make_rule()
    group = f"{GROUPS}{rule.group_id}/change/"
    shown = {
        **dict.fromkeys((RULES, ADD, change_url(rule)), glossary.OF_RULES),
        **dict.fromkeys((GROUPS, group), glossary.OF_GROUPS),
        reverse("admin:zerostate_monitoring_outboxentry_changelist"): ("notice",),
        reverse("admin:zerostate_monitoring_evaluation_changelist"): ("slot",),
    }
    for address, names in shown.items():
        page = text(browser.get(address))
        assert page.count("<dt>") == len(names), address
        for word, said in glossary.terms(names):
            assert f"<dt>{word}</dt><dd>{escape(said)}</dd>" in page
