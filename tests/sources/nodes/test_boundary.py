"""The boundary around what is done for one node."""

from __future__ import annotations

import pytest
import structlog

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.logs.context import clear, current
from zerostate_monitoring.sources.nodes.boundary import Broken, guarded


@pytest.fixture(autouse=True)
def _nothing_bound():
    # There is a context to bind to where structlog is loaded.
    structlog.contextvars.clear_contextvars()
    yield
    clear()


def test_lines__of_a_nodes_work_name_the_node():
    """Whatever logs on the way, and not what comes after."""
    assert guarded("node-1", current) == {"node": "node-1"}
    assert current() == {}


def test_errors__cost_no_other_node(caplog):
    """What was expected comes back as it is; what was not is told with the node."""
    error = ConfigurationError("x")

    def fail(what):
        raise what

    assert guarded("node-1", lambda: fail(error)) is error
    assert guarded("node-1", lambda: fail(KeyError("secret"))) == Broken("KeyError")
    [record] = caplog.records
    assert (record.msg, record.node) == ("node_scrape_broken", "node-1")
    assert current() == {}


def test_stops__are_no_nodes_fault():
    """They end the caller."""
    with pytest.raises(MemoryError):
        guarded("node-1", lambda: (_ for _ in ()).throw(MemoryError()), stops=(MemoryError,))
