"""Every benchmark runs, and gives the keys that bench.json promises."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from numbers import Real

import pytest

from benchmarks import __main__ as runner
from benchmarks import (
    memory,
    middleware,
    parse,
    processes,
    record,
    scrape,
    scrape_network,
    sizing,
)
from benchmarks.peer import Registry
from benchmarks.series import Client, Frames, value_sets
from benchmarks.servers import installation
from tests.packages import ROOT

TINY = {
    "scrape": (
        lambda: scrape.figures(200, 100),
        {
            "scrape_100k_changed",
            "scrape_10k_changed",
            "scrape_100k_partial",
            "write_and_scrape_100k",
        },
    ),
    "scrape_network": (lambda: scrape_network.figures(3), {"scrape_network_1000"}),
    "parse": (lambda: parse.figures(100, 10), {"parse_100k"}),
    "record": (lambda: record.figures(10), {"record_ratio", "record_ns"}),
    "middleware": (lambda: middleware.figures(2, 3), {"middleware_us"}),
}
TINY_PROCESSES = {
    "memory": (lambda: memory.figures(200, 2), {"memory_100k"}),
    "processes": (
        lambda: processes.figures((40, 80), 40, 1, (2, 3)),
        {
            "merge_8x10k",
            "merge_8x100k",
            "publish_cpu_percent",
            "publish_mib",
            "publish_ms",
        },
    ),
    "sizing": (lambda: sizing.figures((2,)), {"sizing"}),
}


def check(figures, keys):
    """The keys are there, those with details hold a number, and JSON can hold all."""
    found = dict(figures)
    assert keys == {key for key in found if not key.endswith("_detail")}
    for key in found:
        if key.endswith("_detail"):
            assert isinstance(found[key.removesuffix("_detail")], Real)
    json.dumps(found)


@pytest.mark.django_db
@pytest.mark.parametrize("name", TINY)
def test_figures__have_their_keys(name):
    """In this process."""
    figures, keys = TINY[name]
    check(figures(), keys)


@pytest.mark.real
@pytest.mark.django_db
@pytest.mark.parametrize("name", TINY_PROCESSES)
def test_figures__of_several_processes_have_their_keys(name):
    """With processes of their own, which takes seconds."""
    figures, keys = TINY_PROCESSES[name]
    check(figures(), keys)


PLATFORM = """
import dataclasses, json
import django
django.setup()
from benchmarks.collect_platform import Size, figures
size = Size(*[200 for _ in dataclasses.fields(Size)])
print(json.dumps(dict(figures(size, runs=2))))
"""


@pytest.mark.real
def test_figures__of_the_platform_have_their_keys():
    """With a PostgreSQL of its own, as Django's tests let none in; every family, or it raises."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    told = subprocess.check_output([sys.executable, "-c", PLATFORM], cwd=ROOT, env=environment)
    found = json.loads(told)
    check(found.items(), {"collect_platform"})
    assert found["collect_platform_detail"]["execution_series"] > 0


@pytest.mark.django_db
def test_scrape__a_page_that_differs_is_refused():
    """What is timed is compared: a lost write would not pass for a fast one."""
    values = next(value_sets("fractions", 100, 1))
    with installation():
        registry, frames, client = Registry.of(100), Frames.of(100), Client()
        scrape.check_equal(registry, frames, client, values)
        registry.set(scrape.listed([numbers + 1 for numbers in values]))
        with pytest.raises(ValueError, match="is not"):
            scrape.compare(registry, client)


def test_runner__knows_every_benchmark():
    """A module with figures is found by itself."""
    assert set(runner.benchmark_names()) == {
        *TINY,
        *TINY_PROCESSES,
        "scrape_nodes",
        "collect_platform",
        "first_sample",
    }
