"""The platform's own executor: a guild, a module in a sandbox, a receipt.

The sandbox is none: it counts hashes. What matters is where it is measured.
"""

from __future__ import annotations

import hashlib
import json
import time
import zlib
from typing import Final

from example_project.network.nodes.family import MIB
from example_project.network.orders.order import Order
from zerostate_monitoring.instrumentation import economic, execution

EXECUTOR: Final = "platform-executor"
MODULE: Final = b"\0asm\1\0\0\0" + bytes(range(256)) * 256
ROUNDS: Final = 40
MOST_MEMORY_BYTES: Final = 128 * MIB
MOST_SECONDS: Final = 30.0
LACKING: Final = "trap"


def execute(order: Order, *, is_broken: bool) -> bool:
    """Do what was ordered; whether it was done. ``is_broken``: the module traps."""
    waited = max(0.0, time.time() - order.placed_at)
    with execution.task(order.kind, waited_seconds=waited, task_id=order.number) as task:
        with execution.guild_operation("join", guild_id=order.kind, peer_id=EXECUTOR):
            _prepare()
        if not _run(order, is_broken=is_broken):
            task.fail(LACKING)
    with economic.reputation_recording(EXECUTOR):
        economic.task_executed(EXECUTOR, ok=task.ok)
    return task.ok


def _prepare() -> None:
    with execution.wasm_validation(module_size_bytes=len(MODULE)):
        hashlib.sha256(MODULE).digest()
    with execution.wasm_compilation(module_size_bytes=len(MODULE)):
        zlib.compress(MODULE)
    with execution.wasm_instantiation(max_memory_bytes=MOST_MEMORY_BYTES):
        bytearray(int(MIB))


def _run(order: Order, *, is_broken: bool) -> bool:
    limits = {"max_memory_bytes": MOST_MEMORY_BYTES, "timeout_seconds": MOST_SECONDS}
    with execution.wasm_execution(task_id=order.number, function=order.kind, **limits) as run:
        digest = order.number.encode()
        for _ in range(ROUNDS):
            digest = hashlib.sha256(MODULE + digest).digest()
        run.exit_code, run.memory_bytes = int(is_broken), float(8 * MIB)
    with execution.wasm_metering(task_id=order.number):
        execution.cpu_used(run.seconds)
    with execution.receipt_generation(task_id=order.number) as receipt:
        text = json.dumps({"task": order.number, "digest": digest.hex(), "ok": run.ok})
        receipt.size_bytes = float(len(text))
    return run.ok
