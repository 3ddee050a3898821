"""Where this app's own pages are, for people and for programs."""

from __future__ import annotations

from zerostate_monitoring.generators.addresses import path_of, program_url, runbook_url
from zerostate_monitoring.generators.options import ExportOptions


def test_addresses__of_programs_are_where_they_find_the_page(settings):
    """Not where people find this project; nowhere if our addresses are not mounted."""
    settings.ZEROSTATE_MONITORING_BASE_URL = "https://people.example"
    options = ExportOptions(address="web:8000", scheme="https", base_url="https://people.example")
    path = "/monitoring/api/v1/http_sd/nodes"
    assert program_url(options, "node_targets") == f"https://web:8000{path}"
    assert path_of("node_targets") == path
    assert runbook_url("NodeDown").startswith("https://people.example/")
    settings.ROOT_URLCONF = ""
    assert program_url(options, "node_targets") == path_of("node_targets") == ""
