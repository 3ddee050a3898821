"""Saving a rule writes what it says as a version."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError

from tests.models.rules import make_rule
from zerostate_monitoring.models import Rule
from zerostate_monitoring.models.rule_texts import bring_back, differences, texts_of

pytestmark = pytest.mark.django_db


def versions(rule):
    return list(rule.versions.order_by("version").values_list("version", flat=True))


def test_new_rule__has_a_first_version():
    """Written as it is created, with who and why."""
    user = User.objects.create_user("ops")
    rule = make_rule()
    Rule.objects.filter(pk=rule.pk).delete()
    rule.pk, rule.editor, rule.remark = None, user, "after the outage"

    rule.save()

    version = rule.versions.get()
    assert (version.version, version.changed_by, version.remark) == (1, user, "after the outage")
    assert version.fields["for_duration"] == "1m"
    assert version.fields == texts_of(rule)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("expr", "zerostate_node_up == 0"),
        ("for_duration", timedelta(minutes=2)),
        ("labels", {"team": "a"}),
        ("no_data_policy", "fire"),
    ],
)
def test_change_of_the_definition__is_a_new_version(field, value):
    """The row and its version are the same."""
    rule = make_rule()
    setattr(rule, field, value)

    rule.save(update_fields=[field])

    rule.refresh_from_db()
    assert rule.version == 2
    assert versions(rule) == [1, 2]
    assert rule.versions.get(version=2).fields == texts_of(rule)


@pytest.mark.parametrize(("field", "value"), [("enabled", False), ("position", 7)])
def test_change_of_a_switch__is_none(field, value):
    """What a rule says is the same."""
    rule = make_rule()
    setattr(rule, field, value)

    rule.save()

    assert versions(rule) == [1]


def test_two_who_edit__make_two_versions():
    """Whoever saves last saves over what is there, and both stand in the history."""
    rule = make_rule()
    one, other = Rule.objects.get(pk=rule.pk), Rule.objects.get(pk=rule.pk)
    one.owner, other.owner = "one", "other"

    one.save()
    other.save()

    assert versions(rule) == [1, 2, 3]
    assert [v.fields["owner"] for v in rule.versions.order_by("version")] == ["", "one", "other"]


def test_version_that_cannot_be_written__leaves_the_rule_as_it_was(monkeypatch):
    """One transaction."""
    rule = make_rule()
    rule.owner = "ops"

    def fail(self, using):
        raise IntegrityError

    monkeypatch.setattr(Rule, "_write_version", fail)
    with pytest.raises(IntegrityError):
        rule.save()

    rule.refresh_from_db()
    assert (rule.owner, rule.version) == ("", 1)


def test_version__can_be_brought_back():
    """Old texts, as a new version."""
    rule = make_rule()
    rule.expr, rule.for_duration = "zerostate_node_up == 0", timedelta(hours=1)
    rule.save()

    bring_back(rule, rule.versions.get(version=1).fields)
    rule.save()

    rule.refresh_from_db()
    assert rule.for_duration == timedelta(minutes=1)
    assert versions(rule) == [1, 2, 3]
    assert rule.versions.get(version=3).fields == rule.versions.get(version=1).fields


def test_differences__go_label_by_label():
    """What was, what is; the same is left out."""
    old = {"expr": "a", "labels": {"x": "1", "y": "2"}, "kept": False}
    new = {"expr": "b", "labels": {"x": "1", "z": "3"}, "kept": False}

    assert list(differences(old, new)) == [
        ("expr", "a", "b"),
        ("labels.y", "2", None),
        ("labels.z", None, "3"),
    ]
