"""What the Go runtime tells of a node's process, and what nodes tell of the whole network."""

from __future__ import annotations

from typing import Final

from example_project.network.simulation.entities import NodeState
from example_project.network.simulation.world import PRIORITIES, World

RESTART_EVERY_SECONDS: Final = 45.0
MEGABYTE: Final = 1e6


def run_process(world: World, node: NodeState, seconds: float) -> None:
    """Let the process of ``node`` run for ``seconds``."""
    page = node.page
    heap = (28 + 4 * world.random.random()) * MEGABYTE
    node.cpu_seconds += 0.02 * seconds
    page.set("process_start_time_seconds", round(node.started_at, 2))
    page.inc("process_cpu_seconds_total", 0.02 * seconds)
    page.set("process_resident_memory_bytes", round(heap * 2.1))
    page.set("process_virtual_memory_bytes", round(heap * 40))
    page.set("process_open_fds", 20 + 2 * len(node.peers))
    page.set("process_max_fds", 1_048_576)
    page.set("go_goroutines", 60 + 12 * len(node.peers))
    page.set("go_threads", 12)
    page.set("go_info", 1, version="go1.21.4")
    for name in ("alloc_bytes", "heap_alloc_bytes", "heap_inuse_bytes"):
        page.set(f"go_memstats_{name}", round(heap))
    page.set("go_memstats_sys_bytes", round(heap * 1.7))
    page.set("go_memstats_heap_objects", round(heap / 160))
    page.inc("go_memstats_alloc_bytes_total", round(seconds * MEGABYTE))
    page.inc("go_memstats_mallocs_total", round(seconds * 9000))
    page.inc("go_memstats_frees_total", round(seconds * 8990))
    page.set("go_memstats_last_gc_time_seconds", round(world.now, 2))
    page.observe("go_gc_duration_seconds", 0.0002, max(1, round(seconds / 10)))


def restart(world: World, node: NodeState) -> None:
    """Start the process anew: every count begins at 0."""
    node.page.reset()
    node.started_at = world.now
    node.cpu_seconds = 0.0


def restart_if_looping(world: World, node: NodeState) -> None:
    """Let the first relay (or the last node) crash again and again while that fault is on."""
    victim = next((item for item in world.nodes if item.role == "relay"), world.nodes[-1])
    if not world.is_broken("restarts") or node is not victim:
        return
    if world.now - node.started_at >= RESTART_EVERY_SECONDS:
        restart(world, node)


def show_network(world: World) -> None:
    """Put on the pages what concerns the network as a whole."""
    for priority in PRIORITIES:
        depth = len(world.queues[priority]) + (len(world.flood) if priority == "low" else 0)
        world.api.page.set("zerostate_task_queue_depth", depth, priority=priority)
    barred = sum(agent.blacklisted for agent in world.agents)
    locked = _value_locked(world)
    for node in world.nodes:
        page = node.page
        page.set("zerostate_economic_active_participants", len(world.users) + len(world.agents))
        page.set("zerostate_economic_blacklisted_peers", barred)
        page.set("reputation_blacklisted_peers", barred)
        page.set("zerostate_economic_total_value_locked", locked.get(node, 0.0))
        page.set("zerostate_escrow_amount_locked", locked.get(node, 0.0) / 4)


def _value_locked(world: World) -> dict[NodeState, float]:
    """Units locked in open channels and funded escrows, by the payee's node."""
    locked: dict[NodeState, float] = {}
    for channel in world.channels.values():
        row, node = channel.row, channel.payee.node
        value = float(row["current_balance"] + row["escrowed_amount"])
        locked[node] = locked.get(node, 0.0) + value
    for escrow in world.funded:
        node = escrow.payee.node
        locked[node] = locked.get(node, 0.0) + float(escrow.row["amount"])
    return locked
