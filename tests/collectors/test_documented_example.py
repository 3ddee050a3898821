"""The collector of docs/collectors.md, pasted as it is written there."""

from __future__ import annotations

import re
import sys

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.test import override_settings

from tests.packages import ROOT, blocks
from zerostate_monitoring.collectors import COLLECTORS

pytestmark = pytest.mark.django_db

PAGE = ROOT / "docs" / "collectors.md"


@pytest.fixture
def pasted(tmp_path, monkeypatch):
    """An installed app whose collectors.py is the page's; found as Django starts."""
    (example,) = (b.text for b in blocks(PAGE) if "@collector(" in b.text)
    package = tmp_path / "pasted_shop"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "collectors.py").write_text(example)
    monkeypatch.syspath_prepend(tmp_path)
    known = set(COLLECTORS)
    with override_settings(
        INSTALLED_APPS=[*[a.name for a in apps.get_app_configs()], package.name]
    ):
        from django.utils.module_loading import autodiscover_modules

        autodiscover_modules("collectors")
        yield
    for name in set(COLLECTORS) - known:
        COLLECTORS.discard(name)
    for name in [name for name in sys.modules if name.startswith(package.name)]:
        del sys.modules[name]


def test_example__gives_what_the_page_says_it_gives(store, pasted, client):
    """Pasted and run with the command beside it, its lines stand on /metrics."""
    get_user_model().objects.create_user("somebody")
    (console,) = (b.text for b in blocks(PAGE) if "name[]=" in b.text)
    (command,) = re.findall(r"manage\.py (.+)", console)
    (family,) = re.findall(r"name\[\]=(\w+)", console)

    call_command(*command.split())

    answer = client.get("/metrics", {"name[]": family})
    lines = [line for line in console.splitlines() if line and not line.startswith("$")]
    assert b"".join(answer).decode().splitlines() == lines
