"""The registry of parts: each is there, tells nothing else's rows, and is imported when asked."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.apps import apps
from django.utils.module_loading import import_string

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.generators import manifests
from zerostate_monitoring.generators.options import ExportOptions
from zerostate_monitoring.generators.parts import PARTS, chosen, exported

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("part", PARTS.values(), ids=lambda part: part.name)
def test_part__stands(part):
    """Its function is there, its words are sentences, the models that it reads exist."""
    assert callable(import_string(part.path))
    assert part.purpose.endswith(".")
    assert part.place.endswith(".")
    for model in part.reads:
        assert apps.get_model("zerostate_monitoring", model)


def test_chosen__keeps_the_order_of_the_registry():
    """Each once; all where none is named."""
    assert [part.name for part in chosen()] == list(PARTS)
    assert [part.name for part in chosen(["scrape", "rules", "scrape"])] == ["rules", "scrape"]


def test_chosen__refuses_what_there_is_not():
    """And says what there is."""
    with pytest.raises(ConfigurationError, match=r"no part 'x'; parts are dashboards, rules"):
        chosen(["rules", "x"])


@pytest.mark.parametrize("part", PARTS.values(), ids=lambda part: part.name)
def test_files__are_of_the_contract(part):
    """Beneath the part's directory, one newline at the end, the same at the second time."""
    options = ExportOptions()
    files = part.files(options)
    assert files
    for path, text in files.items():
        assert path.startswith(f"{part.directory}/")
        assert manifests.is_path(path)
        assert text.endswith("\n")
        assert not text.endswith("\n\n")
        assert "\r" not in text
    assert part.files(options) == files


def test_exported__is_all_parts_together():
    """No part writes over another's files."""
    files = exported(ExportOptions())
    assert {path.partition("/")[0] for path in files} == {p.directory for p in PARTS.values()}
    assert sum(len(part.files(ExportOptions())) for part in PARTS.values()) == len(files)


def test_registry__imports_no_part():
    """Importing it is cheap: the library of dashboards is not in a process that exports none."""
    code = (
        "import sys, zerostate_monitoring.generators.parts;"
        "print([name for name in sys.modules if 'grafana_foundation_sdk' in name])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
