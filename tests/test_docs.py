"""The documents say what the code does: settings, commands, links, examples."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command, get_commands
from django.test import override_settings

from tests.packages import ROOT, Block, blocks
from zerostate_monitoring.conf import PREFIX, conf
from zerostate_monitoring.management.commands.monitoring_docs import (
    setting_names,
    setting_sections,
    settings_faults,
)
from zerostate_monitoring.promql import Limits
from zerostate_monitoring.promql.levels import MAX_DEPTH
from zerostate_monitoring.promql.lexer import MAX_TOKENS

DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("**/*.md")])
SETTINGS = DOCS / "settings.md"
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
IMAGE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")
PICTURE = re.compile(r'<(?:img|source)[^>]* (?:src|srcset)="([^"]+)"')


def default_of(name: str) -> Any:
    """The value of a setting that nobody has set."""
    with override_settings():
        from django.conf import settings

        if hasattr(settings, PREFIX + name):
            delattr(settings, PREFIX + name)
        return getattr(conf, name)


def documented_default(section: str) -> Any:
    """What the section says after "Default:"."""
    found = re.search(r"^Default: `(.*?)`", section, re.MULTILINE)
    assert found, section
    return ast.literal_eval(found[1])


@pytest.mark.parametrize("name", setting_names())
def test_settings__each_is_documented_with_its_default(name):
    """A setting has a heading of its own in docs/settings.md, and its true default."""
    found = documented_default(setting_sections(SETTINGS.read_text())[name])
    default = default_of(name)
    same = list(found) == list(default) if isinstance(found, (list, tuple)) else found == default
    assert same, f"{PREFIX}{name} is {default!r}, docs/settings.md says {found!r}"


def limit_rows() -> dict[str, tuple[str, int]]:
    """The table of limits in docs/promql.md: what is counted, and how much, by setting or what."""
    section = (DOCS / "promql.md").read_text().partition("## Limits")[2].partition("## ")[0]
    rows = re.findall(r"^\| (.+?) \| ([\d,]+)(?: s)? \| (.+?) \|$", section, re.MULTILINE)
    return {
        setting.strip("`") if PREFIX in setting else what: (what, int(number.replace(",", "")))
        for what, number, setting in rows
    }


@pytest.mark.parametrize("name", [name for name in setting_names() if name.startswith("QUERY_")])
def test_limits__are_those_of_the_settings(name):
    """docs/promql.md has each limit of queries: its default, in the words of docs/settings.md."""
    what, number = limit_rows()[PREFIX + name]
    assert number == default_of(name)
    assert what in setting_sections(SETTINGS.read_text())[name]


def test_limits__are_those_of_the_engine():
    """An engine in code has the defaults of the settings; those without a setting are named."""
    limits = Limits()
    assert (limits.samples, limits.series) == (conf.QUERY_MAX_SAMPLES, conf.QUERY_MAX_SERIES)
    assert (limits.steps, limits.seconds) == (conf.QUERY_MAX_STEPS, conf.QUERY_TIMEOUT_SECONDS)
    rows = limit_rows()
    assert rows["tokens"][1] == MAX_TOKENS
    assert rows["levels of nesting"][1] == MAX_DEPTH


def test_settings__each_is_documented_and_no_other():
    """docs/settings.md has a heading for each setting, and none for one that does not exist."""
    assert settings_faults(SETTINGS.read_text()) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages__name_no_unknown_setting(page):
    """Wherever a page names a setting, the setting exists."""
    mentioned = set(re.findall(rf"{PREFIX}([A-Z][A-Z0-9_]*[A-Z0-9])\b", page.read_text()))
    assert mentioned <= set(setting_names())


def test_commands__each_is_documented():
    """Every management command of this app is named in a page."""
    commands = {name for name, app in get_commands().items() if app == "zerostate_monitoring"}
    text = "\n".join(page.read_text() for page in PAGES)
    assert commands
    assert not [name for name in commands if f"manage.py {name}" not in text]


def test_generated__pages_are_what_the_command_writes():
    """docs/metrics.md and docs/runbooks/ are what `manage.py monitoring_docs` writes today."""
    pages = {"output": DOCS / "metrics.md", "settings_page": SETTINGS}
    pages["runbooks"] = DOCS / "runbooks"
    call_command("monitoring_docs", check=True, verbosity=0, **pages)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages__links_lead_somewhere(page):
    """A link to a file or a heading of this repository finds it."""
    text = page.read_text()
    targets = [*LINK.findall(text), *IMAGE.findall(text), *PICTURE.findall(text)]
    assert not [target for target in targets if not leads_somewhere(page, target)]


def leads_somewhere(page: Path, target: str) -> bool:
    """Whether ``target``, written on ``page``, is a page of the web or is there."""
    if re.match(r"[a-z]+:", target):
        return True
    path, _, anchor = target.partition("#")
    file = (page.parent / path).resolve() if path else page
    return file.exists() and (not anchor or anchor in anchors(file))


def anchors(page: Path) -> set[str]:
    """Anchors of the headings of ``page``, as code hosts make them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def python_blocks() -> list[tuple[str, Block]]:
    """Every ```python block of every page."""
    found = [(page.name, block) for page in PAGES for block in blocks(page)]
    return [(page, block) for page, block in found if block.language == "python"]


def test_pages__python_examples_parse():
    """Every Python example on every page is Python."""
    assert python_blocks()
    for page, block in python_blocks():
        ast.parse(block.text, filename=page)


def advised_pages() -> list[tuple[str, str]]:
    """Every page of docs/ that a text in the code names, with the module that does."""
    found = []
    for module in sorted((ROOT / "zerostate_monitoring").rglob("*.py")):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                named = re.findall(r"docs/[\w./-]*\w", node.value)
                found += [(module.name, page) for page in named]
    return found


def test_advice__names_pages_that_exist():
    """Whoever is sent to a page by an advice, a hint or a docstring finds it."""
    assert advised_pages()
    assert [named for named in advised_pages() if not (ROOT / named[1]).exists()] == []
