"""How spans and their attributes are named: each name stands here once.

Names of spans are ``<layer>.<what>``, some with a bounded word behind: ``p2p.dht.resolve``.
Attributes of this network begin with ``zerostate.``; all else is OpenTelemetry's own. What is
said of people, of payloads or of keys has no name here, on purpose.
"""

from __future__ import annotations

from typing import Final

# -- spans -----------------------------------------------------------------------

P2P_CONNECTION: Final = "p2p.connection"
P2P_MESSAGE: Final = "p2p.message"
P2P_DHT: Final = "p2p.dht"
P2P_GOSSIP: Final = "p2p.gossip"
P2P_RELAY: Final = "p2p.relay"
P2P_SEARCH: Final = "p2p.search"
P2P_HEALTH_CHECK: Final = "p2p.health_check"

GUILD: Final = "guild"
GUILD_MEMBERSHIP: Final = "guild.membership"

EXECUTION_TASK: Final = "execution.task"
WASM_VALIDATE: Final = "wasm.validate"
WASM_COMPILE: Final = "wasm.compile"
WASM_INSTANTIATE: Final = "wasm.instantiate"
WASM_EXECUTE: Final = "wasm.execute"
WASM_METER: Final = "wasm.meter"
RECEIPT_GENERATE: Final = "receipt.generate"
MANIFEST_VALIDATE: Final = "manifest.validate"
RESOURCES_MEASURE: Final = "resources.measure"

PAYMENT_FLOW: Final = "payment.flow"
PAYMENT_CHANNEL: Final = "payment.channel"
PAYMENT_TRANSACTION: Final = "payment.transaction"
PAYMENT_SEND: Final = "payment.send"
PAYMENT_SETTLE: Final = "payment.settle"
PAYMENT_DISPUTE: Final = "payment.dispute"
PAYMENT_SIGNATURE: Final = "payment.signature"
PAYMENT_VERIFY: Final = "payment.verify"

REPUTATION_RECORD: Final = "reputation.record"
REPUTATION_CALCULATE: Final = "reputation.calculate"
REPUTATION_BLACKLIST: Final = "reputation.blacklist"

COLLECT: Final = "monitoring.collect"
EVALUATE: Final = "monitoring.evaluate"
DELIVER: Final = "monitoring.deliver"
SEND: Final = "monitoring.send"

# -- attributes ------------------------------------------------------------------

PEER_ID: Final = "zerostate.peer.id"
GUILD_ID: Final = "zerostate.guild.id"
TASK_ID: Final = "zerostate.task.id"
CHANNEL_ID: Final = "zerostate.channel.id"

MESSAGE_TYPE: Final = "zerostate.message.type"
PROTOCOL: Final = "zerostate.protocol"
DIRECTION: Final = "zerostate.direction"
SIZE_BYTES: Final = "zerostate.size_bytes"
COUNT: Final = "zerostate.count"
OPERATION: Final = "zerostate.operation"
STATUS: Final = "zerostate.status"

DHT_OPERATION: Final = "zerostate.dht.operation"
GOSSIP_ACTION: Final = "zerostate.gossip.action"
TOPIC: Final = "zerostate.topic"
RELAY_DIRECTION: Final = "zerostate.relay.direction"
SOURCE_PEER: Final = "zerostate.relay.source_peer"
DESTINATION_PEER: Final = "zerostate.relay.destination_peer"

GUILD_OPERATION: Final = "zerostate.guild.operation"
GUILD_REASON: Final = "zerostate.guild.reason"
GUILD_MAX_MEMBERS: Final = "zerostate.guild.max_members"
MEMBERSHIP_ACTION: Final = "zerostate.guild.membership.action"

TASK_TYPE: Final = "zerostate.task.type"
WAITED_SECONDS: Final = "zerostate.task.waited_seconds"
WASM_MODULE_SIZE: Final = "zerostate.wasm.module_size_bytes"
WASM_FUNCTION: Final = "zerostate.wasm.function"
WASM_MAX_MEMORY: Final = "zerostate.wasm.max_memory_bytes"
WASM_MEMORY: Final = "zerostate.wasm.memory_bytes"
WASM_TIMEOUT: Final = "zerostate.wasm.timeout_seconds"
WASM_EXIT_CODE: Final = "zerostate.wasm.exit_code"

CHANNEL_OPERATION: Final = "zerostate.channel.operation"
PAYMENT_AMOUNT: Final = "zerostate.payment.amount"
PAYMENT_SEQUENCE: Final = "zerostate.payment.sequence"
SETTLEMENT_AMOUNT: Final = "zerostate.settlement.amount"
DISPUTE_ACTION: Final = "zerostate.dispute.action"
SIGNATURE_OPERATION: Final = "zerostate.signature.operation"
REPUTATION_SCORE: Final = "zerostate.reputation.score"
BLACKLIST_ACTION: Final = "zerostate.reputation.blacklist.action"

COLLECTOR: Final = "zerostate.collector"
RECEIVER_KIND: Final = "zerostate.receiver.kind"

ERROR_TYPE: Final = "error.type"
EXCEPTION_TYPE: Final = "exception.type"

# -- events ----------------------------------------------------------------------

EXCEPTION: Final = "exception"
HIGH_MEMORY_USAGE: Final = "high_memory_usage"
APPROACHING_TIMEOUT: Final = "approaching_timeout"
