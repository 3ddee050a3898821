"""What promtool says of templates, of rule files and of tests of rules."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings

from tests.real.promtool import PROMTOOLS, expanded, refused, run
from tests.rules.strategies import GROUPS
from tests.rules.template_generator import templates
from tests.rules.test_files import ODD_NAMES
from tests.rules.test_templates import FIXTURE, FORMS, LANGUAGE
from zerostate_monitoring.exceptions import RuleFileError, TemplateError
from zerostate_monitoring.rules.definitions import AlertingRule, Group, RecordingRule
from zerostate_monitoring.rules.files import (
    PrometheusRule,
    Target,
    write_prometheus_rule,
    write_rules,
    write_unit_tests,
)
from zerostate_monitoring.rules.templates import Context, Template
from zerostate_monitoring.rules.unit_tests import (
    AlertTest,
    ExpectedAlert,
    ExpectedSample,
    ExprTest,
    InputSeries,
    UnitTest,
    UnitTestFile,
)

pytestmark = [
    pytest.mark.real,
    pytest.mark.parametrize("promtool", PROMTOOLS),
]

LABELS = {"instance": "db-1.example.com:9090", "job": "api"}
EXTERNAL = {"cluster": "eu"}
VALUES = ("0", "1.5", "-3", "0.00012", "1234567.5", "NaN", "Inf", "1e10", "42", "1700000000")
ERROR = "<error expanding template"


def ours(template, value, place):
    """What we make of a template, in promtool's place for what fails."""
    labels = {"__name__": "v", "place": str(place), **LABELS}
    context = Context(labels=labels, value=float(value), external_labels=EXTERNAL)
    try:
        return Template.parse(template).render(context)
    except TemplateError:
        return ERROR


def differences(promtool, directory, texts, values):
    """Templates of which promtool makes something else."""
    given = expanded(promtool, directory, texts, values, LABELS, EXTERNAL)
    both = [
        (text, value, ERROR if theirs.startswith(ERROR) else theirs, ours(text, value, place))
        for place, (text, value, theirs) in enumerate(zip(texts, values, given, strict=True))
    ]
    return [row for row in both if row[2] != row[3]]


def test_templates__fixture_is_what_promtool_writes(promtool, tmp_path):
    """The table of numbers was measured, and still is so."""
    rows = [[cell.strip() for cell in row.split("|")] for row in FIXTURE.strip().splitlines()]
    values = [row[0] for row in rows for _ in FORMS]
    given = expanded(promtool, tmp_path, list(FORMS) * len(rows), values, {}, {})
    assert given == [cell for row in rows for cell in row[1:]]


# What cannot be compared: promtool answers no query, and has its own URL and time.
APART = ("query", "externalURL", "pathPrefix", "now |")
# Newer than Debian's promtool, or of a newer Go.
NEWER = ("range 4", "range 9", "| len }}x", "else with", "toDuration", '"-1h30m"', "title")


def known(promtool, texts):
    """Those of the templates that this promtool can be asked of."""
    apart = APART + NEWER if promtool == PROMTOOLS[0] else APART
    return [text for text in texts if not any(word in text for word in apart)]


def test_templates__language_is_what_promtool_reads(promtool, tmp_path):
    """Each construct and function."""
    texts = known(promtool, [text for text, _ in LANGUAGE])
    assert len(texts) > 20
    assert differences(promtool, tmp_path, texts, ["1.5"] * len(texts)) == []


@pytest.mark.parametrize("seed", range(3))
def test_templates__by_chance(promtool, tmp_path, seed):
    """Hundreds of templates with hundreds of values: the same text, or an error on both sides."""
    made = [text for text in known(promtool, templates(seed, 400)) if _is_template(text)]
    assert len(made) > 250
    values = Random(seed).choices(VALUES, k=len(made))
    found = differences(promtool, tmp_path, made, values)
    # A time by a verb for numbers shows what Go makes times of; and the type of the dot has
    # become another one.
    assert [row for row in found if "toTime" not in row[0] and "struct {" not in row[3]] == []


@pytest.mark.parametrize("seed", range(3))
def test_templates__broken_by_chance(promtool, tmp_path, seed):
    """Templates with a character less: none is taken on one side and refused on the other."""
    random = Random(seed)
    broken = []
    for text in templates(seed, 300):
        place = random.randrange(len(text))
        broken.append(text[:place] + text[place + 1 :])
    theirs = refused(promtool, tmp_path, broken)
    mine = {place for place, text in enumerate(broken) if not _is_template(text)}
    assert [broken[place] for place in sorted(theirs ^ mine)] == []
    assert len(mine) > 30


def _is_template(text):
    try:
        Template.parse(text)
    except TemplateError:
        return False
    return True


# -- files -------------------------------------------------------------------------


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(groups=GROUPS)
def test_write_rules__promtool_finds_nothing(promtool, groups):
    """What is written for 2.42 passes its linter, whatever stands in it."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "rules.yml"
        path.write_text(write_rules(groups, Target.DEBIAN_12).text)
        said = run(promtool, "check", "rules", "--lint=all", "--lint-fatal", path)
        assert said.returncode == 0, said.stdout + said.stderr


SAID_SINCE = {
    "up > 10_000": True, "up @ 1_000 > 1": True, "up > 5m": True, "rate(up[300]) > 1": True,
    "up offset 60 > 1": True, 'sum by ("job") (up) > 1': True,
    'up * on () group_left ("a") up > 1': True, "rate(up[2 * 5m]) > 1": False,
    "up offset (5m + 1m) > 1": False, "rate(up[step()]) > 1": False,
    "first_over_time(up[5m]) > 1": False, 'up{"job"="x"} > 1': False,
}  # fmt: skip
"""What 2.42 cannot read, and whether there are other words for it."""


@pytest.mark.parametrize("expr", SAID_SINCE)
def test_expressions__are_said_as_2_42_reads_them_or_refused(promtool, tmp_path, expr):
    """As they stand it refuses them; what is written it takes, and the rest is not written."""
    group = Group(name="g", rules=(AlertingRule(alert="A", expr=expr),))
    path = tmp_path / "rules.yml"
    if promtool == "promtool":
        path.write_text(write_rules([group]).text)
        assert run(promtool, "check", "rules", path).returncode != 0
    if not SAID_SINCE[expr]:
        with pytest.raises(RuleFileError):
            write_rules([group], Target.DEBIAN_12)
        return
    path.write_text(write_rules([group], Target.DEBIAN_12).text)
    said = run(promtool, "check", "rules", "--lint=all", "--lint-fatal", path)
    assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.parametrize("expr", ODD_NAMES)
def test_names__are_refused_where_2_42_cannot_say_them(promtool, tmp_path, expr):
    """It cannot read them, or fails at each evaluation; and nothing else is. 3.x knows them."""
    group = Group(name="g", rules=(AlertingRule(alert="A", expr=expr),))
    (tmp_path / "rules.yml").write_text(write_rules([group]).text)
    test = UnitTest(
        interval=timedelta(minutes=1),
        input_series=(InputSeries('up{job="x", src="y"}', "1+0x5"),),
        # Nobody expects an alert of this name: that the rule can be evaluated is all that counts.
        alert_rule_test=(AlertTest(eval_time=timedelta(minutes=1), alertname="Other"),),
    )
    file = UnitTestFile(rule_files=("rules.yml",), tests=(test,))
    (tmp_path / "tests.yml").write_text(write_unit_tests(file, Target.DEBIAN_12).text)
    said = run(promtool, "test", "rules", tmp_path / "tests.yml")
    is_known = promtool != "promtool" or not ODD_NAMES[expr]
    assert (said.returncode == 0) is is_known, said.stdout + said.stderr


RULES = Group(
    name="tasks",
    interval=timedelta(seconds=30),
    rules=(
        RecordingRule(record="tasks:failed:rate5m", expr="sum(rate(tasks_failed_total[5m]))"),
        AlertingRule(
            alert="TasksFailing",
            expr="tasks:failed:rate5m > 0.5",
            for_=timedelta(minutes=2),
            keep_firing_for=timedelta(minutes=1),
            labels={"severity": "critical"},
            annotations={"summary": "{{ $value | humanize }} tasks per second fail:\n  see “a”"},
        ),
    ),
)
TESTS = UnitTestFile(
    rule_files=("rules.yml",),
    evaluation_interval=timedelta(seconds=30),
    tests=(
        UnitTest(
            name="fails",
            interval=timedelta(minutes=1),
            input_series=(InputSeries("tasks_failed_total", "0x10 60+60x20"),),
            alert_rule_test=(
                AlertTest(eval_time=timedelta(minutes=10), alertname="TasksFailing"),
                AlertTest(
                    eval_time=timedelta(minutes=25),
                    alertname="TasksFailing",
                    exp_alerts=(
                        ExpectedAlert(
                            {"severity": "critical"},
                            {"summary": "1 tasks per second fail:\n  see “a”"},
                        ),
                    ),
                ),
            ),
            promql_expr_test=(
                ExprTest(
                    expr="tasks:failed:rate5m",
                    eval_time=timedelta(minutes=25),
                    exp_samples=(ExpectedSample(labels="tasks:failed:rate5m", value=1.0),),
                ),
            ),
        ),
    ),
)


def test_write_unit_tests__promtool_runs_them(promtool, tmp_path):
    """Rules and their tests, both as they are written, pass together."""
    (tmp_path / "rules.yml").write_text(write_rules([RULES], Target.DEBIAN_12).text)
    (tmp_path / "tests.yml").write_text(write_unit_tests(TESTS, Target.DEBIAN_12).text)
    said = run(promtool, "test", "rules", tmp_path / "tests.yml")
    assert said.returncode == 0, said.stdout + said.stderr


def test_write_unit_tests__promtool_sees_what_is_wrong(promtool, tmp_path):
    """A test that expects something else fails: promtool did look."""
    (tmp_path / "rules.yml").write_text(write_rules([RULES], Target.DEBIAN_12).text)
    text = write_unit_tests(TESTS, Target.DEBIAN_12).text.replace("critical", "warning")
    (tmp_path / "tests.yml").write_text(text)
    assert run(promtool, "test", "rules", tmp_path / "tests.yml").returncode != 0


def test_write_prometheus_rule__holds_the_rule_file(promtool, tmp_path):
    """The spec of the object is a rule file that promtool takes."""
    written = write_prometheus_rule(PrometheusRule(name="x", groups=(RULES,))).text
    spec = written.partition("spec:\n")[2]
    path = tmp_path / "rules.yml"
    path.write_text("\n".join(line[2:] for line in spec.splitlines()))
    assert run(promtool, "check", "rules", "--lint-fatal", path).returncode == 0
