"""promtool: Debian's, and the one that ``PROMTOOL3`` names."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import yaml

from zerostate_monitoring.promql.quoting import unquote

PROMTOOLS: Final = ["promtool", *filter(None, [os.environ.get("PROMTOOL3")])]
_GOT: Final = re.compile(
    r"alertname: (\w+),(?:(?!alertname: ).)*?Annotations:\{(.*?)\}\n", re.DOTALL
)
_ANNOTATION: Final = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_RULE: Final = re.compile(r'rule (\d+), "')


def run(promtool: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """promtool with these arguments; it may fail."""
    command = [promtool, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def expanded(
    promtool: str,
    directory: Path,
    templates: Sequence[str],
    values: Sequence[str],
    labels: Mapping[str, str],
    external_labels: Mapping[str, str],
) -> list[str]:
    """What promtool makes of templates: of each with the value in its place.

    promtool shows annotations only where a test expects others, so the tests expect none.
    """
    rules = [
        {"alert": f"A{place}", "expr": f'v{{place="{place}"}}', "annotations": {"text": template}}
        for place, template in enumerate(templates)
    ]
    given = ", ".join(f'{name}="{value}"' for name, value in labels.items())
    test = {
        "input_series": [
            {"series": f'v{{place="{place}", {given}}}', "values": value}
            for place, value in enumerate(values)
        ],
        "external_labels": dict(external_labels),
        "alert_rule_test": [
            {"eval_time": "0s", "alertname": f"A{place}"} for place in range(len(templates))
        ],
    }
    groups = [{"name": "g", "rules": rules}]
    (directory / "rules.yml").write_text(yaml.safe_dump({"groups": groups}))
    (directory / "tests.yml").write_text(
        yaml.safe_dump({"rule_files": ["rules.yml"], "tests": [test]})
    )
    said = run(promtool, "test", "rules", directory / "tests.yml")
    found = {
        name: {key: unquote(text, '"', 0) for key, text in _ANNOTATION.findall(annotations)}
        for name, annotations in _GOT.findall(said.stdout + said.stderr)
    }
    assert found, said.stdout + said.stderr
    # An annotation that is empty is left out.
    return [found[f"A{place}"].get("text", "") for place in range(len(templates))]


def refused(promtool: str, directory: Path, templates: Sequence[str]) -> set[int]:
    """The places of the templates that promtool does not take for templates."""
    rules = [
        {"alert": f"A{place}", "expr": "up", "annotations": {"text": template}}
        for place, template in enumerate(templates)
    ]
    path = directory / "checked.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": rules}]}))
    said = run(promtool, "check", "rules", path)
    return {int(number) - 1 for number in _RULE.findall(said.stdout + said.stderr)}
