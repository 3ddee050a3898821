"""Prometheus's own test scripts: from a directory, from the cache, or out of its Go module."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Final

from tests.packages import ROOT

MODULE: Final = "github.com/prometheus/prometheus"
VERSION: Final = "v0.314.0"
"""Prometheus 3.14.0: as a Go module it counts its minor versions in hundreds."""
WITHIN: Final = "promql/promqltest/testdata/"
VARIABLE: Final = "PROMQLTEST_CORPUS"
CACHE: Final = ROOT / ".cache" / "promqltest" / VERSION

NAMES: Final = (
    "aggregators",
    "at_modifier",
    "collision",
    "duration_expression",
    "extended_vectors",
    "fill-modifier",
    "functions",
    "histograms",
    "info",
    "limit",
    "literals",
    "name_label_dropping",
    "native_histograms",
    "operators",
    "range_queries",
    "selectors",
    "staleness",
    "start_timestamps",
    "subquery",
    "trig_functions",
    "type_and_unit",
)
"""The scripts of that version."""


def missing() -> str:
    """Why the scripts cannot be had; empty where they can."""
    if os.environ.get(VARIABLE) or CACHE.is_dir() or shutil.which("go"):
        return ""
    return f"Prometheus's test scripts come with its Go module: no go, no {VARIABLE}"


def directory() -> Path:
    """Where the scripts are, fetched first if need be. They are never part of this project."""
    if given := os.environ.get(VARIABLE):
        return Path(given)
    if not CACHE.is_dir():
        _fetch()
    return CACHE


def _fetch() -> None:
    done = subprocess.run(
        ["go", "mod", "download", "-json", f"{MODULE}@{VERSION}"],
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    archive = json.loads(done.stdout or "{}").get("Zip")
    if archive is None:
        raise AssertionError(f"no {MODULE}@{VERSION}: {done.stdout}{done.stderr}")
    new = CACHE.with_suffix(".new")
    new.mkdir(parents=True, exist_ok=True)
    prefix = f"{MODULE}@{VERSION}/{WITHIN}"
    with zipfile.ZipFile(archive) as files:
        for name in files.namelist():
            if name.startswith(prefix) and name.endswith(".test"):
                (new / Path(name).name).write_bytes(files.read(name))
    new.rename(CACHE)
