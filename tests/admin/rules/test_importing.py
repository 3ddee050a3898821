"""Rule files in admin: looked at before they are taken, and written again."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from zerostate_monitoring.alerting.shipping import sync_rules
from zerostate_monitoring.generators.rule_files import read
from zerostate_monitoring.models import Alert, Rule, RuleGroup
from zerostate_monitoring.rules.files import read_unit_tests
from zerostate_monitoring.rules.shipped import GROUPS

pytestmark = pytest.mark.django_db

LIST = reverse("admin:zerostate_monitoring_rule_changelist")
IMPORT = reverse("admin:zerostate_monitoring_rule_import")
EXPORT = reverse("admin:zerostate_monitoring_rule_export")
NOW = datetime(2026, 11, 26, tzinfo=UTC)
FILE = """
groups:
- name: mine
  rules:
  - alert: FewNodes
    expr: count(zerostate_node_up) < 3
    labels: {severity: warning}
  - alert: ManyNodes
    expr: count(zerostate_node_up) > 300
"""
CHANGED = FILE.replace("< 3", "< 4").replace("ManyNodes", "MostNodes")


def post(browser, text, button="_preview", **more):
    return browser.post(IMPORT, {"text": text, button: "1", **more})


def told(response):
    assert response.status_code == 200
    return response.content.decode()


def test_list__leads_to_both_pages(browser):
    """The tools of the list of rules."""
    page = told(browser.get(LIST))
    assert f'href="{IMPORT}"' in page
    assert f'href="{EXPORT}"' in page
    assert told(browser.get(IMPORT))
    assert told(browser.get(EXPORT))


def test_import__preview_saves_nothing_and_keeps_the_text(browser):
    """It says what would be added; the text of an uploaded file stands in the field."""
    file = SimpleUploadedFile("mine.yml", FILE.encode())
    page = told(browser.post(IMPORT, {"file": file, "_preview": "1"}))

    assert "2 added, 0 changed, 0 unchanged." in page
    assert "mine: FewNodes" in page
    assert "count(zerostate_node_up) &lt; 3" in page
    assert not RuleGroup.objects.exists()


def test_import__takes_it_and_logs_it(browser):
    """The rules are there, with who brought them."""
    assert post(browser, FILE, "_import").headers["Location"] == LIST

    assert list(Rule.objects.values_list("name", flat=True)) == ["FewNodes", "ManyNodes"]
    rule = Rule.objects.get(name="FewNodes")
    assert rule.versions.get().changed_by.username == "root"
    assert LogEntry.objects.filter(object_id=rule.pk, action_flag=1).exists()


def test_import__preview_shows_each_difference(browser):
    """What changes, from what to what; what is new; what stands in no file and stays."""
    post(browser, FILE, "_import")
    page = told(post(browser, CHANGED))

    assert "1 added, 1 changed, 0 unchanged." in page
    assert "<del>count(zerostate_node_up) &lt; 3</del>" in page
    assert "<ins>count(zerostate_node_up) &lt; 4</ins>" in page
    assert "mine: ManyNodes" in page
    assert "stands in no file" in page
    assert Rule.objects.get(name="FewNodes").version == 1

    post(browser, CHANGED, "_import")
    assert Rule.objects.get(name="FewNodes").version == 2
    assert Rule.objects.count() == 3
    assert LogEntry.objects.filter(change_message__contains="Changed: expr.").exists()


def test_import__preview_says_which_alerts_end(browser):
    """Another severity is another alert: that it ends is said before, and is so after."""
    post(browser, FILE, "_import")
    rule = Rule.objects.get(name="FewNodes")
    now = timezone.now()
    alert = Alert.objects.create(
        rule=rule, rule_name=rule.name, state="firing", labels={"severity": "warning"},
        severity="warning", started_at=now, active_at=now, fired_at=now,
    )  # fmt: skip
    text = FILE.replace("severity: warning", "severity: critical")

    assert "1 firing alert ends" in told(post(browser, text))
    alert.refresh_from_db()
    assert alert.state == "firing"

    post(browser, text, "_import")
    alert.refresh_from_db()
    assert (alert.state, alert.end_reason) == ("resolved", "rule_edited")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (FILE.replace("> 300", ">"), "line 9: groups[0].rules[1].expr"),
        (FILE.replace("zerostate_node_up) > 300", "zerostate_nodes_up) > 300"), "line 8"),
        ("groups: [", "line 2: This is no YAML"),
        ("hello", "line 1"),
        (FILE + "  unknown: 1\n", "line 10: groups[0].unknown"),
    ],
)
def test_import__a_broken_file_changes_nothing(browser, text, said):
    """Each fault with its line, and the text stays to be mended."""
    for button in ("_preview", "_import"):
        page = told(post(browser, text, button))
        assert "nothing was changed" in page
        assert said in page
    assert not RuleGroup.objects.exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\xff\xfe", "not UTF-8"), (b"#" * (2 * 1024 * 1024 + 1), "more than 2 MiB"), (b"", "empty")],
)
def test_import__refuses_what_is_no_text(browser, content, said):
    """Before it is read."""
    file = SimpleUploadedFile("x.yml", content)
    assert said in told(browser.post(IMPORT, {"file": file, "_import": "1"}))


def test_import__nothing_given(browser):
    """A file or a text is needed."""
    assert "Choose a file or enter a text." in told(post(browser, ""))


def test_import__built_in_groups_are_not_overwritten(browser):
    """A prefix makes room for a copy beside them."""
    sync_rules(GROUPS[1:2], NOW, using="default")
    text = FILE.replace("name: mine", f"name: {GROUPS[1].name}")
    assert "built in" in told(post(browser, text))
    assert post(browser, text, "_import", group_prefix="copy-").status_code == 302
    assert RuleGroup.objects.filter(name=f"copy-{GROUPS[1].name}").exists()


def test_pages__ask_for_rights(viewer):
    """Who may look may export; who may not write may not import, nor is told to."""
    assert viewer.get(IMPORT).status_code == 403
    assert viewer.post(IMPORT, {"text": FILE, "_import": "1"}).status_code == 403
    assert not RuleGroup.objects.exists()
    assert f'href="{IMPORT}"' not in told(viewer.get(LIST))
    assert viewer.get(EXPORT, {"target": "2.42", "form": "rules"}).status_code == 200


def test_export__can_be_imported_again(browser):
    """The file holds what stands here; taken again, nothing changes."""
    post(browser, FILE, "_import")
    response = browser.get(EXPORT, {"target": "2.42", "form": "rules"})

    assert response.headers["Content-Disposition"].endswith('filename="zerostate-rules.yml"')
    assert [group.name for group in read(response.content.decode()).groups] == ["mine"]
    page = told(post(browser, response.content.decode()))
    assert "0 added, 0 changed, 2 unchanged." in page


def test_export__an_object_for_kubernetes(browser):
    """The same rules in the other form, with those for outside."""
    query = {"target": "3", "form": "prometheusrule", "outside": "on"}
    text = browser.get(EXPORT, query).content.decode()
    assert "kind: PrometheusRule" in text
    assert [group.name for group in read(text).groups] == ["zerostate-outside"]


def test_export__tests_beside_the_rules(browser):
    """An archive with the file and the tests of the built-in rules; not for objects."""
    sync_rules(GROUPS, NOW, using="default")
    query = {"target": "2.42", "form": "rules", "outside": "on", "tests": "on"}
    response = browser.get(EXPORT, query)

    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        names = archive.namelist()
        tests = [name for name in names if "_tests_" in name]
        found = [read_unit_tests(archive.read(name).decode()) for name in tests]
    assert names[0] == "zerostate-rules.yml"
    assert {file.rule_files for file in found} == {("zerostate-rules.yml",)}
    assert len({t.alert_rule_test[0].alertname for f in found for t in f.tests}) == 51

    page = told(browser.get(EXPORT, {**query, "form": "prometheusrule"}))
    assert "rule files only" in page
