"""``manage.py monitoring_export``: written, compared, pushed; every error in one line."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import BaseCommand, CommandError, call_command

from tests.packages import ROOT
from tests.sources.grafana.fake import TOKEN, fake_grafana
from zerostate_monitoring.generators.option_words import options
from zerostate_monitoring.generators.parts import PARTS
from zerostate_monitoring.management.commands.monitoring_export import Command
from zerostate_monitoring.models import Metric
from zerostate_monitoring.sources.grafana.target import TOKEN_VARIABLE

pytestmark = pytest.mark.django_db


def run(*arguments):
    """Lines of both outputs."""
    out, err = io.StringIO(), io.StringIO()
    call_command("monitoring_export", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue().splitlines(), err.getvalue().splitlines()


def refused(*arguments, code=2):
    out = io.StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("monitoring_export", *map(str, arguments), stdout=out, stderr=io.StringIO())
    assert caught.value.returncode == code
    return str(caught.value), out.getvalue()


def test_export__writes_a_line_for_each_file(tmp_path):
    """Then nothing changes."""
    written, _ = run("--to", tmp_path, "rules", "scrape")
    assert all(line.startswith("written    ") for line in written)
    paths = [line.split()[1] for line in written]
    assert all((tmp_path / path).is_file() for path in paths)
    assert {path.partition("/")[0] for path in paths} == {"rules", "prometheus"}
    unchanged, _ = run("--to", tmp_path, "rules", "scrape")
    assert [line.split() for line in unchanged] == [["unchanged", path] for path in paths]


def test_export__of_everything(tmp_path):
    """Without parts all of them."""
    run("--to", tmp_path)
    found = {path.name for path in tmp_path.iterdir() if path.is_dir()}
    assert found == {part.directory for part in PARTS.values()}


def test_export__takes_options(tmp_path):
    """What the operator says stands in the files."""
    run("--to", tmp_path, "scrape", "--job", "page", "--address", "web.example:80",
        "--alertmanagers", "am.example:9093", "--exporters", "node=n.example:9100")  # fmt: skip
    text = (tmp_path / "prometheus/prometheus.yml").read_text()
    for word in ("page", "web.example:80", "am.example:9093", "n.example:9100"):
        assert word in text


def test_export__uses_the_project_s_address(tmp_path, settings):
    """A runbook's link begins with it, unless it was said otherwise."""
    settings.ZEROSTATE_MONITORING_BASE_URL = "https://ops.example"
    run("--to", tmp_path, "rules")
    assert "https://ops.example" in (tmp_path / "rules/zerostate.yml").read_text()


def test_check__compares(tmp_path):
    """Nothing is written; what differs is shown, and the end is 1."""
    root = tmp_path / "export"
    text, out = refused("--to", root, "scrape", "--check", code=1)
    assert "see above" in text
    assert out.startswith("--- /dev/null\n+++ b/prometheus/prometheus.yml\n")
    assert "1 files differ." in out
    assert not root.exists()
    run("--to", root, "scrape")
    assert run("--to", root, "scrape", "--check")[0] == ["Nothing differs."]
    (root / "prometheus/prometheus.yml").write_text("by hand\n")
    assert "-by hand" in refused("--to", root, "scrape", "--check", code=1)[1]


def test_export__refuses_what_somebody_has_changed(tmp_path):
    """Unless it is told to."""
    run("--to", tmp_path, "scrape")
    file = tmp_path / "prometheus/prometheus.yml"
    file.write_text("by hand\n")
    assert "prometheus/prometheus.yml\nMove them away" in refused("--to", tmp_path, "scrape")[0]
    assert file.read_text() == "by hand\n"
    assert run("--to", tmp_path, "scrape", "--force")[0] == ["written    prometheus/prometheus.yml"]


def test_export__warns_of_disabled_metrics(tmp_path):
    """On the other output, with file, rule and metric; the files are written."""
    Metric.objects.filter(name="zerostate_tasks_total").update(enabled=False)
    out, err = run("--to", tmp_path, "dashboards")
    said = [line for line in err if "zerostate_tasks_total" in line]
    assert said
    assert all(line.startswith("Warning: dashboards/") and ": panel " in line for line in said)
    assert all(line.startswith("written") for line in out)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Say where to: --to DIR, --grafana URL, or both"),
        (["rules"], "Say where to"),
        (["--to", "x", "nothing"], "There is no part 'nothing'"),
        (["--to", "x", "--job", ""], "job is empty"),
        (["--to", "x", "--exporters", "n"], "exporters is job=host:port"),
        (["--grafana", "http://127.0.0.1:1", "rules"], "--grafana takes dashboards"),
        (["--grafana", "http://127.0.0.1:1", "dashboards"], "GRAFANA_TOKEN is not set"),
        (["--grafana", "grafana", "dashboards"], "GRAFANA_TOKEN is not set"),
        (["--to", "/dev/null", "scrape"], "/dev/null is a file"),
    ],
)
def test_error__is_one_that_says_what_to_do(arguments, message, monkeypatch):
    """Nothing ends in a trace of the program."""
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    assert message in refused(*arguments)[0]


def test_error__of_the_arguments(tmp_path):
    """What argparse refuses."""
    with pytest.raises(CommandError, match="invalid choice"):
        run("--to", tmp_path, "--nodes", "both")
    with pytest.raises(CommandError, match="invalid float"):
        run("--to", tmp_path, "--scrape-interval-seconds", "often")


def test_options__are_documented():
    """docs/export.md has each flag of the command, and the default of each option."""
    text = (ROOT / "docs" / "export.md").read_text()
    parser = call_parser()
    flags = {flag for action in parser._actions for flag in action.option_strings}
    ours = {flag for flag in flags if flag.startswith("--")} - DJANGO_FLAGS
    assert not [flag for flag in sorted(ours) if f"`{flag}`" not in text and f"`{flag} " not in text
                and flag not in {"--to", "--grafana"}]  # fmt: skip
    for option in options():
        row = next(line for line in text.splitlines() if f"`{option.flag}`" in line)
        if isinstance(option.default, str) and option.default and option.name != "metrics_path":
            assert f"`{option.default}`" in row, option.flag


def call_parser():
    return Command().create_parser("manage.py", "monitoring_export")


DJANGO_FLAGS = {
    action for one in BaseCommand().create_parser("manage.py", "x")._actions
    for action in one.option_strings
}  # fmt: skip


# -- a Grafana -----------------------------------------------------------------------


@pytest.fixture
def grafana(monkeypatch):
    """Something that answers as Grafana's API; its token is in the environment."""
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    with fake_grafana(monkeypatch) as running:
        yield running


def test_grafana__has_the_dashboards(grafana, tmp_path):
    """A line for each; the second time none is sent; the same ones as in the directory."""
    sent, _ = run("--grafana", grafana.url, "--to", tmp_path, "dashboards")
    pushed = [line for line in sent if line.startswith("sent ")]
    assert len(pushed) == len(grafana.dashboards) >= 9
    for uid, board in grafana.dashboards.items():
        file = json.loads((tmp_path / f"dashboards/{uid}.json").read_text())
        ours = {key: value for key, value in board.items() if key not in {"id", "version"}}
        assert ours == {key: value for key, value in file.items() if key not in {"id", "version"}}
        assert any(f"/d/{uid}/" in line for line in pushed)
    again, _ = run("--grafana", grafana.url)
    assert {line.split()[0] for line in again} == {"unchanged"}


def test_grafana__is_compared(grafana):
    """With --check nothing is sent, and the end is 1 where something differs."""
    _, out = refused("--grafana", grafana.url, "--check", code=1)
    assert {line.split()[0] for line in out.splitlines()} == {"different"}
    assert grafana.posted == []
    run("--grafana", grafana.url)
    run("--grafana", grafana.url, "--check")


def test_grafana__folder_and_token_file(grafana, tmp_path, monkeypatch):
    """Where they go, and where the token is."""
    monkeypatch.delenv(TOKEN_VARIABLE)
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    run("--grafana", grafana.url, "--grafana-token-file", tmp_path / "token",
        "--grafana-folder", "Our network", "--grafana-folder-uid", "ours")  # fmt: skip
    assert grafana.folders == {"ours": "Our network"}


def test_grafana__that_refuses(grafana):
    """Its answer, and what to do; what was sent before was told of."""
    grafana.fail("POST", "/api/dashboards/db", 500, {"message": "Failed to save dashboard"})
    text, _ = refused("--grafana", grafana.url)
    assert "500 (Failed to save dashboard). It has a trouble of its own" in text
    assert TOKEN not in text
