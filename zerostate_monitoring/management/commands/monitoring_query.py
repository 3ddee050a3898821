"""``manage.py monitoring_query``: ask in PromQL, on a terminal."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from zerostate_monitoring.api import encoding
from zerostate_monitoring.exceptions import (
    MonitoringError,
    QuerySyntaxError,
    StoreUnavailableError,
)
from zerostate_monitoring.management.rows import RowsCommand
from zerostate_monitoring.promql.data import Matrix, Result, Vector
from zerostate_monitoring.promql.parameters import duration_ms
from zerostate_monitoring.querying import querier, report
from zerostate_monitoring.querying.report import Screen, Span
from zerostate_monitoring.querying.times import HOUR_MS, instant_ms, step_ms
from zerostate_monitoring.rules.lint.unknown import unknown_names

_AWAY: Final = (
    "Start Redis or Valkey, or correct ZEROSTATE_MONITORING_REDIS_URL; manage.py monitoring_doctor "
    "says what else is away."
)
_TIMES: Final = ("--at", "--start", "--end")


class Command(RowsCommand):
    """Print a table; for ranges, a picture."""

    help = "Answers a PromQL expression: at an instant as a table, over a range as a picture."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the expression and when it is asked for."""
        parser.add_argument("expr", help="The expression.")
        parser.add_argument("--at", metavar="TIME", help="The instant; default: now.")
        parser.add_argument("--start", metavar="TIME", help="Begin of a range; default: -1h.")
        parser.add_argument("--end", metavar="TIME", help="End of a range; default: now.")
        parser.add_argument("--step", metavar="DURATION", help="Step of a range, such as 1m.")
        parser.add_argument("--json", action="store_true", help="Print what the API answers.")
        parser.add_argument("--ascii", action="store_true", help="Draw with ASCII alone.")

    def run_from_argv(self, argv: list[str]) -> None:
        """Take ``--start -1h`` as it is meant: not as two options."""
        super().run_from_argv(joined(argv))

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask and print."""
        text = options["expr"]
        try:
            span, at_ms = self._when(options)
            result = _asked(text, span, at_ms)
        except QuerySyntaxError as error:
            raise CommandError(report.pointed(error, text)) from error
        except StoreUnavailableError as error:
            raise CommandError(f"{error}\n{_AWAY}") from error
        except (MonitoringError, ValueError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            answer = encoding.result_data(result)
            self.stdout.write(encoding.success(answer, result.warnings, result.infos).decode())
            return
        for line in report.lines(result, self._screen(ascii_only=options["ascii"]), span):
            self.stdout.write(line)
        for remark in (*_unknown(text, result), *report.remarks(result)):
            self.stderr.write(self.style.WARNING(remark))

    def _when(self, options: dict[str, Any]) -> tuple[Span | None, int]:
        now_ms = time.time_ns() // 1_000_000
        ranged = any(options[name] is not None for name in ("start", "end", "step"))
        if not ranged:
            return None, instant_ms(options["at"] or "now", now_ms)
        if options["at"] is not None:
            raise CommandError("--at is an instant; --start, --end and --step are a range.")
        return self._span(options, now_ms), now_ms

    def _span(self, options: dict[str, Any], now_ms: int) -> Span:
        end = instant_ms(options["end"] or "now", now_ms)
        start = instant_ms(options["start"], now_ms) if options["start"] else end - HOUR_MS
        if end < start:
            raise CommandError("The range ends before it begins.")
        given = options["step"]
        step = duration_ms(given) if given else step_ms(start, end, 2 * self._columns())
        if step <= 0:
            raise CommandError("--step is a duration above 0, such as 1m.")
        return Span(start, end, step)

    def _columns(self) -> int:
        return max(shutil.get_terminal_size().columns, 20)

    def _screen(self, *, ascii_only: bool) -> Screen:
        encoded = getattr(self.stdout, "encoding", None) or "utf-8"
        unicode = not ascii_only and encoded.lower().startswith("utf")
        return Screen(self._columns(), unicode, timezone.get_current_timezone())


def joined(argv: Sequence[str]) -> list[str]:
    """Options of time with their value in one argument, for a value may begin with a minus."""
    found: list[str] = []
    for argument in argv:
        if found and found[-1] in _TIMES and argument.startswith("-"):
            found[-1] += f"={argument}"
        else:
            found.append(argument)
    return found


def _asked(text: str, span: Span | None, at_ms: int) -> Result:
    if span is None:
        return querier().instant(text, at_ms)
    return querier().range(text, span.start_ms, span.end_ms, span.step_ms)


def _unknown(text: str, result: Result) -> Iterator[str]:
    """Where nothing was found: names that may be mistyped."""
    match result.value:
        case Vector(_, ()) | Matrix(()):
            for name, near in unknown_names(text):
                yield f"The catalogue has no {name}" + (f": did you mean {near}?" if near else ".")
