"""Every option has its words, its group and its check."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.generators.option_checks import check, faults
from zerostate_monitoring.generators.option_words import GROUPS, HELP, Kind, lines, made, options
from zerostate_monitoring.generators.options import ExportOptions, NodesBy

NAMES = [field.name for field in fields(ExportOptions)]


def test_option__has_words_and_one_group():
    """Whoever adds a field says what it means, and where it is shown."""
    assert set(HELP) == set(NAMES)
    grouped = [name for names in GROUPS.values() for name in names]
    assert sorted(grouped) == sorted(NAMES)
    assert all(option.help.endswith(".") and option.group in GROUPS for option in options())


def test_kinds__are_those_of_the_fields():
    """How each is asked for."""
    kinds = {option.name: option.kind for option in options()}
    assert kinds["job"] is Kind.TEXT
    assert kinds["scrape_interval_seconds"] is Kind.NUMBER
    assert kinds["file_sd"] is Kind.SWITCH
    assert kinds["nodes"] is Kind.CHOICE
    assert kinds["alertmanagers"] is Kind.LIST
    assert kinds["exporters"] is Kind.PAIRS


def test_defaults__are_well():
    """Without a word of the operator there are files."""
    assert made({}) == ExportOptions()
    assert faults(ExportOptions()) == {}


def test_made__takes_what_is_given():
    """Texts become what the fields hold; what is no option is nobody's."""
    found = made(
        {"nodes": "prometheus", "exporters": ["node=n:9100"], "alertmanagers": ["a:1"], "other": 1}
    )
    assert found.nodes is NodesBy.PROMETHEUS
    assert found.exporters == (("node", "n:9100"),)
    assert found.alertmanagers == ("a:1",)


@pytest.mark.parametrize("text", ["n:9100", "=n:9100", "node=", ""])
def test_exporter__is_a_pair(text):
    """The form is shown."""
    with pytest.raises(ConfigurationError, match="exporters is job=host:port"):
        made({"exporters": [text]})


def test_lines__are_those_with_something_on_them():
    """What stands in a text area."""
    assert lines(" a \r\n\n\tb\n") == ["a", "b"]


BAD: dict[str, list[Any]] = {
    "job": ["", " x", "a\nb", "x" * 501, "a\x00"],
    "address": ["", "host", "host:", "host:0", "host:65536", "http://h:1", "h:1/x", "a b:1"],
    "scheme": ["", "ftp", "HTTP"],
    "metrics_path": ["", "metrics", "/a b", "/a?b", "/ä", "/a\n"],
    "token_file": ["/run/", "a\nb", " a"],
    "base_url": ["x", "ftp://x", "https://", "https://a:b@x", "https://x y", "http://[", "a\n"],
    "scrape_interval_seconds": [0.0, -1.0, 0.5, 301.0, float("nan"), float("inf")],
    "nodes": ["both", ""],
    "prometheus_uid": ["", "a b", "x" * 41, "a/b"],
    "loki_uid": ["", "ä"],
    "jaeger_uid": ["", "a.b"],
    "namespace": ["", "A", "-a", "a-", "a.b", "a" * 64, "a\n"],
    "remote_write_url": ["x", "https://a:b@x"],
    "api_token_file": ["/run/"],
    "webhook_token_file": ["/run/"],
    "exporters": [(("a", "b"),), (("a\n", "b:1"),)],
    "alertmanagers": [("a",), ("a:1", "http://b:1")],
    "prometheus_version": ["", "x", "2.x", "3\n"],
    "alertmanager_version": ["", "newest"],
    "secrets_directory": ["", "a\nb"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, vs in BAD.items() for v in vs])
def test_fault__is_said_of_its_field(name, value):
    """What cannot work is refused, and nothing else is blamed."""
    options = replace(ExportOptions(), **{name: value})
    assert list(faults(options)) == [name]
    with pytest.raises(ConfigurationError, match=f"^{name} "):
        check(options)


def test_every_text__is_checked():
    """A field that is added is tried with something, too."""
    assert set(NAMES) - set(BAD) == {"file_sd", "raw_queries"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("address", "[::1]:8000"), ("address", "web.monitoring.svc:80"), ("base_url", ""),
        ("base_url", "https://ops.example/zs"), ("token_file", "secrets/token"),
        ("prometheus_version", "3"), ("exporters", (("node", "n:9100"),)),
        ("scrape_interval_seconds", 30.0), ("metrics_path", "/monitoring/metrics"),
    ],
)  # fmt: skip
def test_value__that_works(name, value):
    """What operators have."""
    assert faults(replace(ExportOptions(), **{name: value})) == {}


def test_all_faults__are_said_at_once():
    """Nobody corrects one to hear of the next."""
    with pytest.raises(ConfigurationError) as caught:
        check(ExportOptions(job="", scheme="x", namespace="X"))
    assert len(str(caught.value).splitlines()) == 3


@given(
    st.sampled_from([n for n in NAMES if isinstance(getattr(ExportOptions(), n), str)]), st.text()
)
def test_fault__is_said_of_any_text(name, text):
    """Whatever is given: an answer, and what passes can be written on one line."""
    found = faults(replace(ExportOptions(), **{name: text}))
    assert set(found) <= {name}
    if not found:
        assert len(text.splitlines()) <= 1
        assert text.isprintable()
