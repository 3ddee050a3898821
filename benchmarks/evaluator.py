"""A process that evaluates: what ``benchmarks.promql`` starts cold."""

from __future__ import annotations

import sys

from benchmarks.children import obey, set_up

EVERYTHING = 'count(last_over_time({{__name__=~".+"}}[{}]))'
REACH_MS = 300_000


def main(url: str, slot_ms: int) -> None:
    """Answer orders; each answers with this process's memory in MiB."""
    set_up(url)
    # What a worker imports when it is asked for the first time is part of its first answer.
    from benchmarks.measuring import memory_mib  # noqa: PLC0415 - after Django is set up
    from benchmarks.network_series import expressions  # noqa: PLC0415 - as above
    from zerostate_monitoring.promql.engine import Engine  # noqa: PLC0415 - as above
    from zerostate_monitoring.promql.query import parse  # noqa: PLC0415 - as above
    from zerostate_monitoring.storage.history import History  # noqa: PLC0415 - as above
    from zerostate_monitoring.storage.store import current_store  # noqa: PLC0415 - as above

    history = History(current_store().timeline())
    engine = Engine(history)

    def reach(text: str) -> float:
        history.refresh(REACH_MS)
        engine.instant(parse(EVERYTHING.format(text)), slot_ms)
        return memory_mib()

    def rules() -> float:
        history.refresh(REACH_MS)
        engine.many([parse(text) for text in expressions()], slot_ms)
        return memory_mib()

    obey({"first": lambda: reach("5m"), "rules": rules, "two hours": lambda: reach("2h")})


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
