"""What is counted is said with the word for one where there is one."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone

import zerostate_monitoring
from tests.alerting.alerts import make_alert
from tests.models.rules import make_rule
from zerostate_monitoring.admin.node_trial import answered
from zerostate_monitoring.collectors.trial import Trial
from zerostate_monitoring.models import Silence

HERE = Path(zerostate_monitoring.__file__).parent
MANY = (
    "alerts|rules|rows|nodes|samples|families|messages|groups|receivers|routes|silences|"
    "windows|warnings|components|levels|events|collectors|notices"
)
COUNTED = re.compile(rf"%(\(\w+\))?[ds] (\w+ )?({MANY})\b")
COUNTED_IN_TEMPLATES = re.compile(rf"\{{\{{ ?\w+ ?\}}\}} (more )?({MANY})\b")
NEVER_ONE = {
    # Only where there are several, or none.
    ("admin/metrics.py", "%(n)d producers"),
    # Of rules, however many: what is counted are alerts.
    ("alerting/suppression/hits.py", "Not counted: %d of rules that are only observed."),
}
ENGLISH = "models/sentences/"
"""Sentences as other rooms say them; those that count have two forms there, where one is said."""


def uncounted():
    """Texts that count something and have one form."""
    for path in sorted(HERE.rglob("*.py")):
        place = str(path.relative_to(HERE))
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and node.args):
                continue
            if place.startswith(ENGLISH):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            text = getattr(node.args[0], "value", None)
            if not (name in {"_", "gettext", "gettext_lazy"} and isinstance(text, str)):
                continue
            if COUNTED.search(text) and (place, text) not in NEVER_ONE:
                yield f"{place}:{node.lineno}: {text}"


def test_texts__that_count_have_a_word_for_one():
    """Nobody reads of 1 alerts."""
    assert list(uncounted()) == []


def test_templates__that_count_have_a_word_for_one():
    """Nor in a page's own text."""
    found = []
    for path in sorted((HERE / "templates").rglob("*.html")):
        blocks = re.findall(r"\{% blocktranslate(?! count)[^%]*%\}(.*?)\{% end", path.read_text())
        found += [f"{path.name}: {one}" for one in blocks if COUNTED_IN_TEMPLATES.search(one)]
    assert found == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("live", "said"),
    [
        (0, "Hits are counted among the 0 alerts that are pending or fire at"),
        (1, "Hits are counted in the one alert that is pending or fires at"),
        (2, "Hits are counted among the 2 alerts that are pending or fire at"),
    ],
)
def test_calendar__of_so_many_alerts(browser, live, said):
    """The words of the calendar follow how many alerts live."""
    rule = make_rule()
    for number in range(live):
        make_alert(rule, node=f"edge-{number}")
    span = {"starts_at": timezone.now(), "ends_at": timezone.now() + timedelta(hours=1)}
    Silence.objects.create(matchers="node=edge-0", comment="c", author="x", **span)
    page = browser.get(reverse("admin:zerostate_monitoring_calendar")).content.decode()
    assert said in page


@pytest.mark.parametrize(
    ("n", "said"),
    [(1, "1 family, 1 sample"), (3, "3 families, 3 samples"), (0, "0 families, 0 samples")],
)
def test_trial__of_one_sample(n, said):
    """What a node gave."""
    assert answered(Trial("n1", families=n, samples=n))["gave"] == said
