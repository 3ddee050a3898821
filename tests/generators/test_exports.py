"""An export as a whole: files, and what is to be said of them."""

from __future__ import annotations

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from tests.models.rules import make_rule
from zerostate_monitoring.exceptions import ConfigurationError, RuleFileError
from zerostate_monitoring.generators.comments import warnings
from zerostate_monitoring.generators.exports import export, noted, of_this_project
from zerostate_monitoring.generators.options import ExportOptions
from zerostate_monitoring.models import Metric

pytestmark = pytest.mark.django_db

UP = "zerostate_node_up"
TASKS = "zerostate_tasks_total"


def disable(name):
    Metric.objects.update_or_create(name=name, defaults={"enabled": False})


def test_export__of_a_disabled_metric_warns():
    """It is exported, and whose query will find nothing is named with its file and the metric."""
    whole = export(ExportOptions(), ["rules", "dashboards"])
    assert not any("is disabled" in one for one in whole.warnings)
    disable("zerostate_tasks_total")
    found = export(ExportOptions(), ["rules", "dashboards"])
    assert dict(found.files) == dict(whole.files)
    said = [one for one in found.warnings if "is disabled" in one]
    assert said
    assert all("zerostate_tasks_total" in one for one in said)
    assert all(one.startswith(("rules/", "dashboards/")) for one in said)


def test_export__of_a_panel_over_what_a_rule_records():
    """It is found also where no rules are exported."""
    make_rule(name="zerostate:tasks_failed:increase5m", kind="recording", expr="a + b")
    make_rule(name="zerostate:tasks_ended:increase5m", kind="recording", expr=f"sum({TASKS})")
    disable(TASKS)
    said = export(ExportOptions(), ["dashboards"]).warnings
    assert any("tasks_ended:increase5m, which is made of" in one for one in said)
    assert not any("tasks_failed:increase5m, which" in one for one in said)


def test_export__of_what_is_always_on_says_nothing():
    """The switch of such a row means nothing: its series stay on the page."""
    disable(UP)
    assert not any(UP in one for one in export(ExportOptions(), ["rules"]).warnings)


def test_export__without_the_token_of_the_page_warns(settings):
    """Prometheus would be answered 401; only where something scrapes is it said."""
    settings.ZEROSTATE_MONITORING_METRICS_TOKEN = "not-shown"
    options = ExportOptions()
    (said,) = [one for one in export(options, ["scrape"]).warnings if "METRICS_TOKEN" in one]
    assert "--token-file" in said
    assert "not-shown" not in said
    assert not any("METRICS_TOKEN is set" in one for one in export(options, ["rules"]).warnings)
    named = export(ExportOptions(token_file="secrets/page"), ["scrape"])
    assert not any("no token file" in one for one in named.warnings)
    assert "not-shown" not in "".join(named.files.values())


def test_export__checks_its_options_first():
    """Nothing is made of options that cannot work."""
    with pytest.raises(ConfigurationError, match="job is empty"):
        export(ExportOptions(job=""), [])


def test_export__of_a_rule_that_an_older_prometheus_refuses():
    """The rule is named, with what to do; a newer one gets it."""
    make_rule(name="First", expr="first_over_time(zerostate_node_up[5m]) == 0")
    with pytest.raises(RuleFileError) as caught:
        export(ExportOptions(prometheus_version="2.42"), ["rules"])
    assert caught.value.faults[0].startswith("network: First: first_over_time() came with")
    assert "prometheus-version 3" in caught.value.faults[-1]
    files = export(ExportOptions(prometheus_version="3"), ["rules"]).files
    assert "first_over_time" in files["rules/zerostate.yml"]


def test_export__of_a_rule_that_nobody_takes():
    """A newer Prometheus is no help then, and not spoken of."""
    make_rule(name="Same")
    make_rule(name="Same")
    with pytest.raises(RuleFileError) as caught:
        export(ExportOptions(), ["rules"])
    assert "Same" in str(caught.value)
    assert "prometheus-version" not in str(caught.value)


def test_project__knows_where_it_is(settings):
    """Its address for people, and the path where it has mounted the page."""
    settings.ZEROSTATE_MONITORING_BASE_URL = "https://ops.example/"
    assert of_this_project() == {"base_url": "https://ops.example", "metrics_path": "/metrics"}


@override_settings(ROOT_URLCONF="tests.generators.test_exports")
def test_project__that_has_not_mounted_us():
    """A worker's settings may have no addresses."""
    assert of_this_project() == {"base_url": ""}


urlpatterns: list[object] = []


@given(st.lists(st.text(min_size=1), max_size=4))
def test_noted__is_what_a_part_has_said(sentences):
    """Whatever was written as warnings is read again, between other comments."""
    said = list(dict.fromkeys(" ".join(_plain(one).split()) for one in sentences))
    said = [one for one in said if one]
    text = f"# Made by something.\n{warnings(said)}# Another comment.\na: 1\n"
    assert list(noted(text)) == said


def _plain(text):
    return "".join(one if one.isprintable() else " " for one in text)


def test_noted__of_a_file_without_comments():
    """Nothing."""
    assert list(noted("")) == []
    assert list(noted("a: '# Warning: no'\n")) == []
    assert list(noted("# Warning: last")) == ["last"]
