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
    export,
    health,
    log_lines,
    log_shipping,
    memory,
    middleware,
    panels,
    parse,
    processes,
    promql,
    record,
    rules,
    scrape,
    scrape_network,
    sizing,
    tracing,
)
from benchmarks.peer import Registry
from benchmarks.series import Client, Frames, value_sets
from benchmarks.servers import installation
from tests.packages import ROOT
from tests.real import shipped

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
    "panels": (lambda: panels.figures([]), {"panels_with_data", "panels_total"}),
    "parse": (lambda: parse.figures(100, 10), {"parse_100k"}),
    "log_lines": (lambda: log_lines.figures(10, 500), {"log_line_us", "log_storm"}),
    "record": (lambda: record.figures(10), {"record_ratio", "record_ns"}),
    "middleware": (lambda: middleware.figures(2, 3), {"middleware_us"}),
    "export": (lambda: export.figures(1), {"export_seconds"}),
}
TINY_PROCESSES = {
    "log_shipping": (lambda: log_shipping.figures(2), {"log_to_receiver_s"}),
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
    "promql": (
        lambda: promql.figures((240, 480), 50, 2),
        {
            "promql_1000_rules_10k",
            "promql_1000_rules_100k",
            "promql_range_rate_10k",
            "promql_cold",
            "evaluator_rss_mib",
        },
    ),
    "health": (lambda: health.figures(2), {"ready_ms"}),
    "tracing": (
        lambda: tracing.figures(2, 3, ("counted", "ours_0.1")),
        {"trace_overhead_us"},
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
def test_figures__of_rules_have_their_keys(monkeypatch):
    """Of some of them; that they are equal for all is asked where rules are tested."""
    some = sorted(shipped.RECORDED)
    monkeypatch.setattr(shipped, "names", lambda: some)
    monkeypatch.setattr(rules, "names", lambda: some)
    assert dict(rules.figures()) == {"rules_tested": len(some), "rules_total": len(some)}


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


HISTORY = """
import django, json
django.setup()
from benchmarks.history import figures
print(json.dumps(dict(figures(2, 200))))
"""


def test_figures__of_history_have_their_keys():
    """Two columns of the example network, in a process with a database of its own."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-c", HISTORY]
    told = subprocess.check_output(command, cwd=ROOT, env=environment).splitlines()[-1]
    keys = {"history_bytes_per_sample", "history_100k"}
    beside = {"history_bytes_per_sample_prometheus"}
    found = json.loads(told)
    check({k: v for k, v in found.items() if k not in beside}.items(), keys)
    assert found["history_bytes_per_sample_detail"]["columns"] == 2


@pytest.mark.real
def test_figures__of_alerts_have_their_keys():
    """Ten rules over a few series, on servers of their own."""
    code = PLATFORM.replace("collect_platform import Size, figures", "alerts import figures")
    code = code.partition("size =")[0] + "print(json.dumps(dict(figures(400, 10, 2))))"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    told = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, env=environment)
    found = json.loads(told)
    assert found.pop("alerts_1000_rules_ratio") > 0
    check(found.items(), {"alerts_1000_rules"})
    assert found["alerts_1000_rules_detail"]["live"] > 0


ADMIN = {"overview_ms", "alert_list_100k_ms", "delivery_100k_ms", "queries_per_page"}

OF_ALERTING = {
    "previews": ("figures(5, 1)", {"preview_1h"}),
    "claims": ("figures(2000, 2)", {"claim_beside_10m_rows"}),
    "admin": ("figures(400, 20, 30)", ADMIN),
    "deliveries": (
        "figures(messages=8, rules=2, slots=2, interval=1)",
        {"deliveries_per_second", "fire_to_delivered_p99"},
    ),
}


@pytest.mark.real
@pytest.mark.parametrize("name", OF_ALERTING)
def test_figures__of_alerting_have_their_keys(name):
    """Few rows, messages and columns, on servers of their own; each is a number above zero."""
    call, keys = OF_ALERTING[name]
    code = f"""
import django, json
django.setup()
from benchmarks.{name} import figures
print(json.dumps(dict({call})))
"""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    told = subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, env=environment)
    found = json.loads(told)
    check(found.items(), keys)
    assert all(found[key] > 0 for key in keys)


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
        "rules",
        "stack_series",
        "history",
        "alerts",
        "pages",
        *OF_ALERTING,
    }
