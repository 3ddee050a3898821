"""What the stack says once it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from example_project.stack.options import Options
from example_project.stack.services import Service


def table(
    options: Options,
    services: Sequence[Service],
    missing: Mapping[str, str],
    logs: Path,
    seconds: float,
) -> str:
    """What is where, what is missing, and what to do with it."""
    web = next(service.place for service in services if service.name == "web")
    with_files = f"set -a; . {options.data}/environment; set +a"
    return "\n".join(
        (
            "",
            f"The stack runs ({seconds:.1f} s). All of it listens on 127.0.0.1 alone.",
            "",
            *_rows(services, logs),
            "",
            *(f"  {name:14} not started: {reason}" for name, reason in missing.items()),
            *([""] if missing else []),
            f"  Admin        {web}/admin/   user admin, password in",
            f"               {options.secrets}/admin-password",
            f"  Alerts       {web}/admin/zerostate_monitoring/alert/",
            f"  State        {options.data}   kept for the next start; `make clean` removes it",
            "",
            f"  In a shell   {with_files}",
            "  Break it     .venv/bin/python manage.py network break payments",
            "  Mend it      .venv/bin/python manage.py network mend --all",
            "  New rules    .venv/bin/python -m example_project.stack.configuration",
            "               writes Prometheus's and Alertmanager's files anew and has them read",
            *_lapse(options.lapse),
            "",
        )
    )


def _rows(services: Sequence[Service], logs: Path) -> list[str]:
    lines = [("name", "where", "log", "what for")]
    lines += [
        (one.name, one.place or "–", str(logs / f"{one.name}.log"), one.purpose) for one in services
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    return [
        "  " + "  ".join(text.ljust(width) for text, width in zip(line, [*widths, 0], strict=True))
        for line in lines
    ]


def _lapse(lapse: float) -> list[str]:
    if lapse == 1:
        return []
    return [
        "",
        f"  Rules, windows and routes are {lapse:g} times faster than what is exported, for",
        "  STACK_LAPSE says so.",
    ]
