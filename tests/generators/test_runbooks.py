"""Runbooks: each rule has one, and what it advises can be done."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from django.db import connection

from example_project.network.faults import BY_NAME
from example_project.network.schema import create_tables
from tests.rules.shipped.test_shipped import SCHEMA
from zerostate_monitoring.generators import runbooks
from zerostate_monitoring.generators.markdown import html
from zerostate_monitoring.promql.query import parse
from zerostate_monitoring.rules.definitions import AlertingRule
from zerostate_monitoring.rules.lint import lint
from zerostate_monitoring.rules.shipped import RULES, ShippedRule

PROMQL = re.compile(r"^```promql\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
SQL = re.compile(r"^```sql\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
each_rule = pytest.mark.parametrize("name", RULES)


def text_of(name):
    """What is written by hand."""
    return runbooks.text_of(name) or ""


def page_of(name):
    """The whole page."""
    return runbooks.page(name) or ""


def sections(name):
    """What is written by hand, by headings."""
    _, *parts = re.split(r"^## (.*)\n", text_of(name), flags=re.MULTILINE)
    return dict(zip(parts[::2], parts[1::2], strict=True))


@each_rule
def test_text__has_each_heading_with_words_below(name):
    """In the order in which one reads at night; nothing stands outside."""
    found = sections(name)
    assert tuple(found) == runbooks.HEADINGS
    assert text_of(name).startswith(f"## {runbooks.HEADINGS[0]}")
    assert all(len(text.split()) >= 1 for text in found.values())
    assert len(text_of(name).split()) > 90


@each_rule
def test_text__says_causes_and_steps(name):
    """A query to begin with, at least three causes by likelihood, at least two steps."""
    found = sections(name)
    assert PROMQL.search(found["Find the cause"])
    assert len(re.findall(r"^\d+\. ", found["Find the cause"], re.MULTILINE)) >= 3
    assert len(re.findall(r"^\d+\. ", found["What to do"], re.MULTILINE)) >= 2


def test_texts__are_each_about_their_rule():
    """No paragraph of advice stands in several runbooks."""
    parts = Counter(
        part
        for name in RULES
        for heading, text in sections(name).items()
        if heading in {"What it means", "What to do"}
        for part in text.strip().split("\n\n")
    )
    assert [part for part, count in parts.items() if count > 1] == []


@each_rule
def test_queries__find_something_to_look_at(name):
    """Each can be asked, of families that are declared, with labels that they have."""
    queries = PROMQL.findall(page_of(name))
    assert len(queries) >= 2
    for query in queries:
        parse(query)
        rule = AlertingRule(alert="Query", expr=query)
        wrong = [f for f in lint(rule, SCHEMA, interval_s=15) if f.severity == "error"]
        assert wrong == [], query


@pytest.mark.django_db
def test_statements__run_on_the_platforms_tables():
    """Each statement in SQL reads, and names tables and columns that are there."""
    create_tables(connection)
    statements = [sql for name in RULES for sql in SQL.findall(page_of(name))]
    assert len(statements) > 10
    with connection.cursor() as cursor:
        for statement in statements:
            assert statement.startswith("SELECT")
            cursor.execute(statement)


@each_rule
def test_page__says_what_the_definition_says(name):
    """The title, the expression, each number, and the switch that shows it."""
    rule, page = RULES[name], page_of(name)
    assert page.startswith(f"# {name}\n")
    assert rule.rendered_expr() in page
    assert all(f"| `{p.name}` | {p.text(p.default)} |" in page for p in rule.parameters)
    assert (f"network break {rule.switch}`" in page) == bool(rule.switch)


@each_rule
def test_switch__is_a_fault_of_the_example_network(name):
    """All but the watchdog and those for outside have one."""
    rule = RULES[name]
    has_none = rule.layer == "outside" or rule.name == "Watchdog"
    assert has_none == (not rule.switch)
    assert has_none or rule.switch in BY_NAME


def test_switches__each_makes_a_rule_fire():
    """No switch that no rule sees."""
    assert {rule.switch for rule in RULES.values() if rule.switch} == set(BY_NAME)


def test_held_back_by__follows_the_inhibitions():
    """By name, by severity of the same fault, by node; never by itself."""
    held = {name: runbooks.held_back_by(rule) for name, rule in RULES.items()}
    assert held["TasksStalled"] == ["ExecutorsUnavailable"]
    assert held["TaskBudgetBurnSlow"] == ["TaskBudgetBurnFast", "TasksFailing"]
    assert {"BootnodeDown", "NodeDown"} <= set(held["MessageFailuresHigh"])
    assert held["CollectorIsolated"] == held["LedgerUnbalanced"][1:] == []
    assert not [name for name, others in held.items() if name in others]


def test_index__lists_all_rules_and_what_is_recorded():
    """In their groups, each with a link to its page."""
    index = runbooks.index()
    assert all(f"[{name}]({name}.md)" in index for name in RULES)
    assert "`zerostate:tasks_ended:increase5m`" in index
    assert set(runbooks.pages()) == {"README.md", *(f"{name}.md" for name in RULES)}


def test_page__there_is_none_of_what_is_not_shipped():
    """Nor of a path."""
    for name in ("Nothing", "../README", "README"):
        assert runbooks.text_of(name) is runbooks.page(name) is None


@each_rule
def test_page__is_made_of_markdown_that_we_show(name):
    """No sign of a form that ``html`` does not know is left in the text."""
    shown = html(page_of(name))
    bare = re.sub(r"<code>.*?</code>", "", shown, flags=re.DOTALL)
    assert not re.search(r"```|\*\*|\]\(|^\||^#|<!--|&lt;!--", bare, re.MULTILINE)
    assert shown.count("<pre>") == page_of(name).count("\n```") / 2
    assert isinstance(RULES[name], ShippedRule)
