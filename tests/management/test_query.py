"""`manage.py monitoring_query`: questions on a terminal."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command

from tests.api.conftest import NOW, Storage
from zerostate_monitoring.exceptions import StoreUnavailableError
from zerostate_monitoring.management.commands.monitoring_query import joined
from zerostate_monitoring.querying import engines
from zerostate_monitoring.querying.remembered import NotKept


@pytest.fixture(autouse=True)
def history(monkeypatch):
    storage = Storage()
    monkeypatch.setattr(engines, "storage", lambda: storage)
    monkeypatch.setenv("COLUMNS", "80")
    return storage


def said(*args, **options):
    out, err = io.StringIO(), io.StringIO()
    call_command("monitoring_query", *args, stdout=out, stderr=err, no_color=True, **options)
    return out.getvalue().splitlines(), err.getvalue()


def test_query__a_table():
    """A column for each label, the values at the right."""
    lines, _ = said("up", at=str(NOW))
    assert lines == [
        "name  instance  job   value",
        "up    a         api       1",
        "up    b         api       0",
        "up    c         node      1",
        "3 series at 2023-11-14 22:13:20+00:00",
    ]


def test_query__a_narrow_terminal(monkeypatch):
    """One column for the series."""
    monkeypatch.setenv("COLUMNS", "25")
    lines, _ = said("up{instance='a'}", at=str(NOW))
    assert lines[:2] == [
        "series                       value",
        'up{instance="a", job="api"}      1',
    ]


def test_query__nothing_scalar_and_string():
    """Each as what it is."""
    assert said("nothing", at=str(NOW))[0] == ["no series at 2023-11-14 22:13:20+00:00"]
    assert said("1 / 0")[0] == ["+Inf"]
    assert said("'a\x1b'")[0] == ["a\\x1b"]


def test_query__a_picture():
    """A range is drawn, each series with its figures."""
    lines, _ = said("tasks_total", start=str(NOW - 300), end=str(NOW), step="15s", ascii=True)
    assert 'tasks_total{status="failed"}' in lines
    assert any(line.strip() == "min 0  max 20  last 20  values 21" for line in lines)
    assert any("22:08:20" in line and "22:13:20" in line for line in lines)
    assert all(line.isascii() and len(line) <= 80 for line in lines)
    assert not "".join(said("up", start=str(NOW - 300), end=str(NOW))[0]).isascii()


def test_query__samples_themselves():
    """A range selector at an instant is drawn, too."""
    lines, _ = said("tasks_total[1m]", at=str(NOW))
    assert lines[-1] == "2 series"


def test_query__more_series_than_pictures():
    """The others have a line each."""
    query = " or ".join(f"label_replace(vector({n}), 'n', '{n}', '', '')" for n in range(12))
    lines, _ = said(query, start=str(NOW - 60), end=str(NOW), step="15s")
    assert [line.split() for line in lines[-3:]] == [
        ['{n="8"}', "8"],
        ['{n="9"}', "9"],
        ["12", "series"],
    ]


def test_query__as_json():
    """What the API answers."""
    lines, _ = said("up", at=str(NOW), json=True)
    assert json.loads(lines[0])["data"]["resultType"] == "vector"


def test_query__remarks_go_to_the_other_stream():
    """A pipe reads numbers alone."""
    lines, remarks = said("rate(up[1m])", at=str(NOW))
    assert "PromQL info" in remarks
    assert not any("PromQL" in line for line in lines)


def test_query__what_is_said_of_history(monkeypatch):
    """That none is kept, or that it is too young."""
    monkeypatch.setattr(engines, "storage", NotKept)
    lines, remarks = said("up", at=str(NOW))
    assert lines == ["no series at 2023-11-14 22:13:20+00:00"]
    assert "no history is kept" in remarks


def test_query__an_error_is_pointed_at():
    """The caret stands under the place, in its line."""
    with pytest.raises(CommandError) as caught:
        said("1 +\n  nosuch(up)")
    lines = str(caught.value).splitlines()
    assert lines[-2:] == ["    nosuch(up)", "    ^^^^^^"]
    with pytest.raises(CommandError) as caught:
        said("up +")
    assert str(caught.value).splitlines()[-2:] == ["  up +", "      ^"]


@pytest.mark.parametrize(
    "options",
    [
        {"at": "yesterday"},
        {"start": "x"},
        {"start": "now", "end": "-1h"},
        {"step": "0"},
        {"step": "x"},
        {"at": "now", "start": "-1h"},
        {"start": "0", "end": "4e15", "step": "1ms"},
    ],
)
def test_query__what_cannot_be_asked(options):
    """A sentence, not a traceback."""
    with pytest.raises(CommandError):
        said("up", **options)


def test_query__the_store_away(history):
    """Said as it is, with what to do."""
    history.failures.append(StoreUnavailableError("no answer in 1 s"))
    with pytest.raises(CommandError, match=r"no answer(?s:.)*ZEROSTATE_MONITORING_REDIS_URL"):
        said("up")


@pytest.mark.parametrize(
    ("expr", "remark"),
    [
        ("zerostate_nod_up", "no zerostate_nod_up: did you mean zerostate_node_up?"),
        ("zerostate_qqq", "no zerostate_qqq.\n"),
    ],
)
@pytest.mark.parametrize("span", [{"at": str(NOW)}, {"start": str(NOW - 60), "end": str(NOW)}])
def test_query__a_mistyped_name_is_told(expr, remark, span):
    """Nothing found is often a name that nobody knows."""
    assert remark in said(expr, **span)[1]


def test_query__nothing_of_a_known_name_is_no_typing_error():
    """Whatever else the reason is."""
    assert said("zerostate_node_up", at=str(NOW))[1] == ""


def test_arguments__a_minus_belongs_to_its_option():
    """As it is typed."""
    typed = ["manage.py", "monitoring_query", "up", "--start", "-1h", "--end", "now", "--json"]
    assert joined(typed)[3:] == ["--start=-1h", "--end", "now", "--json"]


def test_command__runs_as_typed():
    """From a shell, with a minus."""
    command = [sys.executable, "-m", "django", "monitoring_query", "1", "--start", "-1m", "--ascii"]
    done = subprocess.run(
        [*command, "--settings", "tests.settings"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "last 1" in done.stdout
