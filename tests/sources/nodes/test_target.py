"""A row becomes a target; what cannot be sent is refused, and never repeated."""

from __future__ import annotations

import pytest

from zerostate_monitoring.catalogue.nodes import MADE_HERE
from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.models import Node
from zerostate_monitoring.setting_rules import node_labels
from zerostate_monitoring.sources.nodes.target import (
    Target,
    constant_labels,
    current_limits,
    target_of,
)


def row(**fields):
    return Node(name="n1", base_url="http://n.example", **fields)


@pytest.mark.parametrize("token", ["s3cret\r\nX-Evil: 1", "s3 cret", "s3cr\u20act", "s3cret\udc80"])
def test_token_that_no_header_can_carry__is_refused_by_its_field(token):
    """The message names the field, never the value."""
    with pytest.raises(ConfigurationError, match="bearer token") as caught:
        target_of(row(token=token), current_limits())
    assert "s3" not in str(caught.value)


def test_token_of_a_file__may_end_in_a_newline(settings, tmp_path):
    """As files do."""
    (tmp_path / "token").write_text("s3cret\n")
    settings.ZEROSTATE_MONITORING_NODE_SECRETS_DIRECTORY = str(tmp_path)
    assert target_of(row(token=f"file:{tmp_path}/token"), current_limits()).token == "s3cret"
    (tmp_path / "token").write_text("s3cret\nother\n")
    with pytest.raises(ConfigurationError, match="bearer token"):
        target_of(row(token=f"file:{tmp_path}/token"), current_limits())


def test_constant_labels__leave_those_of_our_families_alone():
    """A label of a row that such a family has itself would stand twice on its series."""
    names = sorted({label for definition in MADE_HERE for label in definition.labels})
    assert {"check", "outcome", "status", "version", "peer_id"} <= set(names)
    labels = dict.fromkeys((*names, "site"), "x")
    found = dict(
        constant_labels(Target(name="n1", role="edge", base_url="", labels=labels), [*labels])
    )
    assert found == {"node": "n1", "node_role": "edge", "site": "x"}
    assert all(node_labels([name]) for name in names)
    assert node_labels(["site"]) is None
