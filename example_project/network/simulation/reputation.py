"""Reputation 0–100: +2 for a success, −5 for a failure; below 30 an agent is barred."""

from __future__ import annotations

from typing import Final

from example_project.network.simulation.entities import Agent, Task
from example_project.network.simulation.world import World

SUCCESS: Final = 2.0
FAILURE: Final = -5.0
BARRED_BELOW: Final = 30.0
MINIMUM_TASKS: Final = 5
BARRED_SECONDS: Final = 24 * 3600.0
ATTACK_FLOOR: Final = 40.0


def rate(world: World, agent: Agent, task: Task, *, success: bool) -> None:
    """Take the end of ``task`` into the agent's score."""
    score = agent.score
    columns = {
        "total_tasks": score["total_tasks"] + 1,
        "successful_tasks": score["successful_tasks"] + success,
        "failed_tasks": score["failed_tasks"] + (not success),
    }
    share = 100 * columns["successful_tasks"] / columns["total_tasks"]
    world.save("reputation_scores", score, reliability_score=world.score(share), **columns)
    result = "success" if success else "failure"
    attacked = world.is_broken("reputation")
    change(world, agent, result, SUCCESS if success and not attacked else FAILURE, task)
    _show(world, agent, result)


def change(world: World, agent: Agent, event: str, delta: float, task: Task | None = None) -> None:
    """Add ``delta`` to the score and leave an event; bar the agent where it falls too low."""
    before = float(agent.score["overall_score"])
    floor = ATTACK_FLOOR if world.is_broken("reputation") else 0.0
    after = world.score(max(before + delta, min(before, floor)))
    drift = world.random.uniform(-1, 1.2)
    world.save(
        "reputation_scores", agent.score, overall_score=after,
        quality_score=world.score(float(agent.score["quality_score"]) + drift),
        speed_score=world.score(float(agent.score["speed_score"]) + drift),
    )  # fmt: skip
    world.row(
        "reputation_events", agent_did=agent.row["did"], event_type=event,
        task_id=task.row["task_id"] if task else None, score_delta=world.score_delta(delta),
        metadata={},
    )  # fmt: skip
    if float(after) < BARRED_BELOW and agent.score["total_tasks"] >= MINIMUM_TASKS:
        bar(world, agent)


def bar(world: World, agent: Agent) -> None:
    """Blacklist the agent for a day."""
    if agent.blacklisted:
        return
    agent.blacklisted = True
    page = agent.node.page
    page.inc("zerostate_economic_blacklist_events_total", event_type="added")
    page.inc("reputation_trust_events_total", event_type="blacklist")
    world.after(BARRED_SECONDS, _expire, agent)


def _expire(world: World, agent: Agent) -> None:
    if agent.blacklisted:
        agent.node.page.inc("zerostate_economic_blacklist_events_total", event_type="expired")
        _readmit(world, agent)


def _readmit(world: World, agent: Agent) -> None:
    agent.blacklisted = False
    world.save("reputation_scores", agent.score, overall_score=world.score(50))


def bar_many(world: World) -> None:
    """Push a quarter of the agents below the limit, as after an attack."""
    for agent in world.agents[:: max(1, len(world.agents) // (len(world.agents) // 4 or 1))]:
        if not agent.blacklisted:
            world.save("reputation_scores", agent.score, overall_score=world.score(12))
            change(world, agent, "timeout", FAILURE)
            bar(world, agent)


def readmit_all(world: World) -> None:
    """Take every agent off the blacklist."""
    for agent in world.agents:
        if agent.blacklisted:
            agent.node.page.inc("zerostate_economic_blacklist_events_total", event_type="removed")
            _readmit(world, agent)


def shift(world: World, delta: float) -> None:
    """Change the score of every agent at once."""
    for agent in world.agents:
        change(world, agent, "quality_feedback", delta)


def _show(world: World, agent: Agent, result: str) -> None:
    page, peer, score = agent.node.page, agent.peer_id, agent.score
    overall = float(score["overall_score"]) / 100
    page.set("zerostate_economic_reputation_score", overall, peer_id=peer)
    page.set("reputation_score", overall, peer_id=peer)
    page.set(
        "zerostate_economic_success_rate", float(score["reliability_score"]) / 100, peer_id=peer
    )
    page.set(
        "zerostate_economic_average_duration_seconds", world.random.uniform(2, 5), peer_id=peer
    )
    page.set("zerostate_economic_average_cost", world.random.uniform(2, 4), peer_id=peer)
    page.inc("zerostate_economic_tasks_executed_total", peer_id=peer, result=result)
    page.inc("reputation_tasks_executed_total", peer_id=peer, success=result)
    page.inc("zerostate_economic_reputation_decay_total", peer_id=peer)
    for kind in ("timeout", "failed_task"):
        violated = result == "failure" and kind == "failed_task"
        page.inc("zerostate_economic_violations_total", violated, peer_id=peer, violation_type=kind)
    if result == "failure":
        page.inc("reputation_trust_events_total", event_type="failure")
