"""Names and texts that YAML, JSON or Kubernetes dislike come out of every part as they went in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import time
from typing import Any

import pytest
import yaml
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.models.rules import make_group, new_rule
from zerostate_monitoring.generators import manifests
from zerostate_monitoring.generators.exports import export
from zerostate_monitoring.generators.options import ExportOptions, NodesBy
from zerostate_monitoring.models import MaintenanceWindow, Node, Receiver, Route, RuleGroup
from zerostate_monitoring.models.suppression import WindowKind
from zerostate_monitoring.rules.files import read_rules

pytestmark = pytest.mark.django_db

NASTY = [
    "yes", "null", "~", "1e3", "0x10", "2026-11-26", "a: b # c", "- a", "? a", "!tag", "*alias",
    "&anchor", "%TAG", "@at", "`back`", "'single", '"double', "{flow: [", "}", "| block", "> fold",
    "back\\slash", "new\nline", "tab\tand ", " blanks ", "---", "...", "ä ö 日本 🛰", "\u2028",
    "\u0085", "\ufeff", "\x7f", "$HOME ${X} $(x)", "<b>&amp;", "a/../b", "CON", "x" * 150,
    "{{ $labels.node }}", "# Warning: no",
]  # fmt: skip
KUBERNETES_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\Z")
TEXT = st.one_of(st.sampled_from(NASTY), st.text(min_size=1, max_size=40))
PARTS = ["rules", "scrape", "alertmanager"]


def define(text):
    """Rows that are called so, where they may be; their names. Nothing, if none may."""
    group = make_group()
    group.name = text
    rule = new_rule(group=group, annotations={"summary": "s", "note": text}, labels={"team": text})
    receiver = Receiver(name=text, kind="webhook", config={"url": "http://hook.invalid/x"})
    route = Route(name=text, matchers='severity="critical"', position=7)
    window = MaintenanceWindow(
        name=text,
        kind=WindowKind.WEEKLY,
        weekdays=[0],
        start_time=time(1),
        end_time=time(2),
        matchers='severity="warning"',
    )
    made = [one for one in (group, rule, receiver, route, window) if _saved(one)]
    if receiver in made and route in made:
        route.steps.create(receiver=receiver, position=1)
    return made


def _saved(row):
    try:
        with transaction.atomic():
            row.full_clean()
            row.save()
    except (ValidationError, ValueError):
        return False
    return True


def exported(*parts):
    options = ExportOptions(nodes=NodesBy.PROMETHEUS, file_sd=True)
    return export(options, parts).files


def documents(files) -> Iterator[tuple[str, Any]]:
    """Everything parsed by readers that are not the writers' own."""
    for path, text in files.items():
        assert manifests.is_path(path)
        assert text.endswith("\n")
        if path.endswith(".json"):
            yield path, json.loads(text)
        elif path.endswith((".yml", ".yaml")):
            yield from ((path, found) for found in yaml.safe_load_all(text))


def texts(value) -> Iterator[str]:
    """All texts in a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from texts(key)
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


@given(TEXT)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_name__is_read_as_it_was_given(django_db_blocker, text):
    """Whatever an operator may call things: each file is whole and says just that."""
    with transaction.atomic():
        made = define(text)
        assume(made)
        found = dict(documents(exported(*PARTS)))
        rules = found["rules/zerostate.yml"]["groups"]
        names = {type(one).__name__ for one in made}
        if "RuleGroup" in names:
            assert any(group["name"] == text for group in rules)
        if "Rule" in names:
            (rule,) = [r for group in rules for r in group["rules"] if r.get("alert") == "NodeDown"
                       and r["labels"].get("team") == text]  # fmt: skip
            assert rule["annotations"]["note"] == text
        if {"Receiver", "Route"} <= names:
            receivers = found["alertmanager/alertmanager.yml"]["receivers"]
            assert any(text in one["name"] for one in receivers)
        transaction.set_rollback(True)


def test_names__all_at_once_in_every_part():
    """Objects of Kubernetes have names that it takes; every file is read."""
    kept = [define(text) for text in NASTY]
    assert sum(map(len, kept)) > len(NASTY)
    Node.objects.create(name="no", base_url="http://127.0.0.1:1", labels={"site": "yes: #\n'"})
    found = list(documents(exported()))
    for path, document in found:
        if path.startswith("kubernetes/") and "kustomization" not in path:
            assert KUBERNETES_NAME.match(document["metadata"]["name"]), path
    values = {text for _, document in found for text in texts(document)}
    for text, made in zip(NASTY, kept, strict=True):
        names = {type(one).__name__ for one in made}
        if "RuleGroup" in names:
            assert text in values, text
    assert "yes: #\n'" in values


def test_rules__are_read_by_our_own_reader():
    """What leaves may come back."""
    made = [one for text in NASTY for one in define(text)]
    named = {one.name for one in made if isinstance(one, RuleGroup)}
    files = exported("rules")
    assert named
    assert named <= {group.name for group in read_rules(files["rules/zerostate.yml"])}
