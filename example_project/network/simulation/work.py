"""Tasks: pending, assigned, executing, completed or failed."""

from __future__ import annotations

from typing import Final

from example_project.network.nodes.family import MIB, TASK_TYPES
from example_project.network.simulation import auctions, payments, receipts, reputation
from example_project.network.simulation.entities import Agent, Task
from example_project.network.simulation.world import PRIORITIES, World

TIMEOUT_SECONDS: Final = 30.0
FLOOD_SIZE: Final = 900
FLOOD_SHARE: Final = 60
"""Tasks of a flood that reach the executors at once, after it has ended."""


def submit(world: World) -> None:
    """Let a user ask for work, on the market or straight from the orchestrator."""
    task = _new_task(world, world.random.choices(PRIORITIES, weights=(1, 4, 12, 4))[0])
    if world.chance(0.3):
        auctions.open_auction(world, task, enqueue)
    else:
        enqueue(world, task)


def _new_task(world: World, priority: str) -> Task:
    user = world.random.choice(world.users)
    price = world.money(0.2, 6)
    row = world.row(
        "tasks", task_id=world.new_id(), user_did=user.row["did"],
        task_type=world.random.choices(TASK_TYPES, weights=(5, 4, 3, 1))[0], status="pending",
        input={"cid": f"bafy{world.random.getrandbits(80):020x}"},
        timeout_at=world.at(TIMEOUT_SECONDS), metadata={"priority": priority},
    )  # fmt: skip
    task = Task(row, user, priority, price, world.now)
    page = world.api.page
    page.inc("zerostate_tasks_total", status="submitted")
    page.inc("zerostate_manifests_created_total", type="task")
    page.inc("zerostate_manifest_validation_total", result="success")
    page.observe("zerostate_manifest_size_bytes", world.random.uniform(600, 9000))
    page.observe("zerostate_task_cost_estimated_units", float(price) * 1.1, type=task.kind)
    return task


def enqueue(world: World, task: Task) -> None:
    """Let ``task`` wait for an executor."""
    world.queues[task.priority].append(task)
    dispatch(world)


def dispatch(world: World) -> None:
    """Hand waiting tasks to free agents, the most urgent first."""
    if world.is_broken("stall"):
        return
    for priority in PRIORITIES:
        queue = world.queues[priority]
        while queue and (agents := world.available_agents()):
            weights = [float(agent.score["overall_score"]) + 1 for agent in agents]
            _assign(world, queue.popleft(), world.random.choices(agents, weights)[0])


def _assign(world: World, task: Task, agent: Agent) -> None:
    wait = world.now - task.submitted_at
    world.api.page.observe("zerostate_task_queue_latency_seconds", wait, priority=task.priority)
    task.agent = agent
    _load(world, agent, 1)
    world.running += 1
    world.save("tasks", task.row, status="assigned", agent_did=agent.row["did"])
    payments.arrange(world, task, agent)
    world.after(world.random.uniform(0.05, 0.5), _begin, task, agent)


def _load(world: World, agent: Agent, by: int) -> None:
    load = agent.row["current_load"] + by
    status = agent.row["status"]
    if status in {"online", "busy"}:
        status = "busy" if load >= 0.8 * agent.capacity else "online"
    world.save("agents", agent.row, current_load=load, status=status, last_seen_at=world.at())


def _begin(world: World, task: Task, agent: Agent) -> None:
    task.began_at = world.now
    world.save("tasks", task.row, status="executing", started_at=world.at())
    agent.node.page.inc("zerostate_tasks_active", type=task.kind)
    slow = world.is_broken("slow")
    seconds = world.random.uniform(25.5, 29.9) if slow else world.random.lognormvariate(0.9, 0.5)
    world.after(min(seconds + 0.6, TIMEOUT_SECONDS), _finish, task, agent)


def _finish(world: World, task: Task, agent: Agent) -> None:
    if world.is_broken("stall"):
        world.after(5, _finish, task, agent)
        return
    broken = world.is_broken("tasks")
    success = world.chance(0.25 if broken else agent.skill)
    status = "completed" if success else "failed"
    error = None if success else world.random.choice(("timeout", "memory_limit", "trap"))
    world.save("tasks", task.row, status=status, error=error, completed_at=world.at())
    world.running -= 1
    _load(world, agent, -1)
    _count(world, task, agent, error)
    receipts.issue(world, agent)
    payments.settle_task(world, task, success=success)
    if success or not broken:
        # What breaks every executor at once is not held against one of them.
        reputation.rate(world, agent, task, success=success)
    dispatch(world)


def _count(world: World, task: Task, agent: Agent, error: str | None) -> None:
    page, seconds = agent.node.page, world.now - task.began_at
    totals = world.totals
    totals.processed += 1
    totals.succeeded += error is None
    totals.failed += error is not None
    totals.timed_out += error == "timeout"
    totals.milliseconds += seconds * 1000
    world.api.page.inc("zerostate_tasks_total", status="failed" if error else "completed")
    page.inc("zerostate_tasks_active", -1, type=task.kind)
    page.observe("zerostate_task_duration_seconds", seconds, type=task.kind)
    page.inc("zerostate_wasm_executions_total", status="failed" if error else "success")
    page.observe("zerostate_wasm_execution_duration_seconds", seconds * 0.9)
    page.observe("zerostate_wasm_validation_duration_seconds", world.random.uniform(0.0005, 0.02))
    page.observe("zerostate_execution_cpu_seconds", seconds * 0.7, type="wasm")
    _count_memory(world, agent)
    _count_cost(world, task, agent)
    _count_error(task, agent, error)


def _count_memory(world: World, agent: Agent) -> None:
    broken = world.is_broken("memory")
    memory = world.random.uniform(110, 127) if broken else world.random.uniform(6, 72)
    page = agent.node.page
    page.observe("zerostate_wasm_memory_bytes", memory * MIB)
    page.observe("zerostate_execution_memory_allocated_bytes", memory * MIB * 1.1, type="wasm")


def _count_cost(world: World, task: Task, agent: Agent) -> None:
    page, price = agent.node.page, float(task.price)
    page.observe("zerostate_task_cost_actual_units", price, type=task.kind)
    page.observe("zerostate_task_cost_savings_units", price * 0.1)
    if world.chance(0.01):
        page.inc("zerostate_task_cost_capped_total", type=task.kind)


def _count_error(task: Task, agent: Agent, error: str | None) -> None:
    page = agent.node.page
    codes = {None: "0", "memory_limit": "137"}
    page.inc("zerostate_wasm_exit_codes_total", code=codes.get(error, "1"))
    if error == "timeout":
        page.inc("zerostate_timeout_errors_total", type="execution")
    elif error is not None:
        reason = "out_of_memory" if error == "memory_limit" else "trap"
        page.inc("zerostate_execution_errors_total", type="wasm", reason=reason)


def flood(world: World) -> None:
    """Keep the queue nearly full with tasks of one impatient user."""
    while len(world.flood) < FLOOD_SIZE:
        world.flood.append(_new_task(world, "low"))


def tidy(world: World) -> None:
    """Hand out what waits, and let what a flood left reach the executors little by little."""
    dispatch(world)
    if world.is_broken("queue"):
        return
    for _ in range(min(FLOOD_SHARE, len(world.flood))):
        enqueue(world, world.flood.popleft())
