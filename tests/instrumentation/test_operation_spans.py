"""Operations: one line counts, traces and logs; each span of the network has its name."""

from __future__ import annotations

import asyncio
import logging
from decimal import Decimal

import pytest
import structlog
from opentelemetry.trace import StatusCode

from zerostate_monitoring.instrumentation import economic, execution, p2p
from zerostate_monitoring.instrumentation.registry import REGISTRY
from zerostate_monitoring.logs.context import carried, current
from zerostate_monitoring.tracing import names

SPANS = [
    (lambda: p2p.operation("connect", peer_id="p"), "p2p.connection.connect"),
    (lambda: p2p.sending("request", "rpc", size_bytes=5, peer_id="p"), "p2p.message.request"),
    (lambda: p2p.receiving("gossip", "gossip"), "p2p.message.gossip"),
    (lambda: p2p.dht_lookup("resolve"), "p2p.dht.resolve"),
    (lambda: p2p.gossip("publish", topic="tasks"), "p2p.gossip.publish"),
    (lambda: p2p.relay("inbound", source_peer="a", destination_peer="b"), "p2p.relay"),
    (p2p.search, "p2p.search"),
    (lambda: p2p.health_check("p"), "p2p.health_check"),
    *[
        (lambda verb=verb: execution.guild_operation(verb, guild_id="g"), f"guild.{verb}")
        for verb in ("create", "join", "leave", "dissolve")
    ],
    *[
        (lambda verb=verb: execution.guild_step(verb, guild_id="g"), f"guild.{verb}")
        for verb in ("send_message", "receive_message", "heartbeat", "key_exchange")
    ],
    (lambda: execution.guild_membership("add", guild_id="g"), "guild.membership.add"),
    (lambda: execution.task("compute", task_id="t"), "execution.task"),
    (lambda: execution.wasm_validation(module_size_bytes=5), "wasm.validate"),
    (lambda: execution.wasm_compilation(module_size_bytes=5), "wasm.compile"),
    (execution.wasm_instantiation, "wasm.instantiate"),
    (lambda: execution.wasm_execution(task_id="t", function="main"), "wasm.execute"),
    (lambda: execution.wasm_metering(task_id="t"), "wasm.meter"),
    (lambda: execution.receipt_generation(task_id="t"), "receipt.generate"),
    (lambda: execution.manifest_validation(task_id="t"), "manifest.validate"),
    (lambda: execution.resource_measurement(task_id="t"), "resources.measure"),
    (lambda: economic.payment_flow(channel_id="c"), "payment.flow"),
    *[
        (
            lambda verb=verb: economic.channel_operation(verb, channel_id="c"),
            f"payment.channel.{verb}",
        )
        for verb in ("open", "close", "update", "settle")
    ],
    (lambda: economic.payment_transaction(channel_id="c", sequence=3), "payment.transaction"),
    (lambda: economic.payment(Decimal("2.5"), channel_id="c", sequence=3), "payment.send"),
    (lambda: economic.settlement(2, channel_id="c"), "payment.settle"),
    (lambda: economic.dispute_step("open", channel_id="c"), "payment.dispute"),
    (lambda: economic.payment_signature("sign", channel_id="c"), "payment.signature.sign"),
    (lambda: economic.payment_verification(channel_id="c"), "payment.verify"),
    (lambda: economic.reputation_recording("p"), "reputation.record"),
    (lambda: economic.reputation_calculation("p"), "reputation.calculate"),
    (lambda: economic.blacklisting("added", peer_id="p"), "reputation.blacklist"),
]
KNOWN = {value for name, value in vars(names).items() if name.isupper()}


@pytest.mark.parametrize(("make", "name"), SPANS, ids=[name for _, name in SPANS])
def test_operation__has_its_span(kept, make, name):
    """Name as documented, attributes only of the constants, errors by their type alone."""
    with make():
        pass
    with pytest.raises(LookupError), make():
        raise LookupError("hunter2")
    good, bad = kept.get_finished_spans()
    assert good.name == bad.name == name
    assert {*good.attributes, *bad.attributes} <= KNOWN
    assert good.status.status_code is StatusCode.UNSET
    assert bad.status.status_code is StatusCode.ERROR
    assert "hunter2" not in bad.to_json()


def test_operation__says_what_it_ended_with(ended):
    """What is known only at the end is on the span, too, and what came near its limit."""
    with execution.wasm_execution(max_memory_bytes=100, timeout_seconds=60) as run:
        run.exit_code, run.memory_bytes = 137, 90
    span = ended()["wasm.execute"]
    assert span.attributes["zerostate.wasm.exit_code"] == 137
    assert span.attributes["zerostate.wasm.memory_bytes"] == 90
    assert [event.name for event in span.events] == ["high_memory_usage"]
    assert span.status.status_code is StatusCode.ERROR
    with p2p.dht_lookup("resolve") as lookup:
        lookup.found = False
    assert ended()["p2p.dht.resolve"].attributes["zerostate.status"] == "not_found"


def test_operation__that_fails_is_told_once(ended, caplog):
    """Number, span and log line come from one line of code, and name the same reason."""
    with caplog.at_level(logging.WARNING), economic.payment(1) as payment:
        payment.fail("insufficient_funds")
    (record,) = [r for r in caplog.records if r.getMessage() == "operation_failed"]
    assert (record.operation, record.reason) == ("payment.send", "insufficient_funds")
    assert ended()["payment.send"].status.description == "insufficient_funds"
    found = REGISTRY.get_sample_value(
        "zerostate_economic_payment_failures_total", {"error_type": "insufficient_funds"}
    )
    assert found == 1


@pytest.mark.parametrize(
    ("make", "bound"),
    [
        (lambda: economic.payment(1, channel_id=7), {"channel": "7"}),
        (lambda: economic.settlement(2, channel_id="c"), {"channel": "c"}),
        (
            lambda: execution.guild_operation("join", guild_id="g", peer_id="p"),
            {"guild": "g", "node": "p"},
        ),
        (lambda: p2p.sending("request", "rpc", peer_id="p"), {"node": "p"}),
        (lambda: p2p.dht_lookup("resolve"), {}),
    ],
)
def test_operation__is_the_context_of_its_lines(make, bound):
    """Guild, channel and node stand in every line within, with or without a tracer."""
    before = current()
    with make():
        assert current() == before | bound
        # What is sent to a task takes it along.
        assert carried(current()) == before | bound
        with economic.payment(1, channel_id="inner"):
            assert current()["channel"] == "inner"
        assert current() == before | bound
    assert current() == before


def test_operation__that_fails_names_its_channel(caplog, monkeypatch):
    """The line that says so is within the context; what comes after it is not."""
    structlog.contextvars.clear_contextvars()
    seen: list[tuple[object, dict[str, object]]] = []

    def look(record: logging.LogRecord) -> bool:
        seen.append((record.msg, current()))
        return True

    monkeypatch.setattr(caplog.handler, "filters", [look])
    with pytest.raises(LookupError), economic.payment(1, channel_id="c"):
        raise LookupError
    assert ("operation_failed", {"channel": "c"}) in seen
    assert current() == {}


async def _paid(channel):
    async with economic.payment(1, channel_id=channel):
        await asyncio.sleep(0)
        return current()


def test_operation__of_one_task_is_no_context_of_another():
    """Side by side in one loop each has its own."""

    async def all_of_them():
        return await asyncio.gather(*(_paid(f"c{number}") for number in range(20)))

    found = asyncio.run(all_of_them())
    assert found == [{"channel": f"c{number}"} for number in range(20)]
    assert current() == {}


def test_exemplars__name_the_trace_of_what_was_counted(ended):
    """Counters and the bucket that grew carry the trace's id; without a trace there is none."""
    with economic.payment(2.5):
        pass
    trace_id = format(ended()["payment.send"].context.trace_id, "032x")
    found = {
        sample.name: sample.exemplar.labels["trace_id"]
        for family in REGISTRY.collect()
        for sample in family.samples
        if sample.exemplar is not None
    }
    assert found["zerostate_economic_payments_total"] == trace_id
    assert found["zerostate_economic_payment_amount_bucket"] == trace_id


def test_exemplars__are_not_made_where_nobody_traces():
    """The page of a project without traces is as it was."""
    with economic.payment(2.5):
        pass
    samples = [s for family in REGISTRY.collect() for s in family.samples]
    assert not [sample for sample in samples if sample.exemplar is not None]
