"""``manage.py alert_rules``: rules from files, to files, and their tests."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from zerostate_monitoring.alerting.rule_import import File, Report, take
from zerostate_monitoring.alerting.rule_tests import all_failures, file_failures
from zerostate_monitoring.exceptions import MonitoringError, RuleFileError
from zerostate_monitoring.generators.prometheus_rules import Outgoing, outgoing, tests_of
from zerostate_monitoring.generators.rule_files import Form, from_file, read, written
from zerostate_monitoring.management.rows import RowsCommand
from zerostate_monitoring.rules.files import Target

_ERROR: Final = 2


class Command(RowsCommand):
    """Import, export, test."""

    help = "Takes rules from files of Prometheus, writes such files, runs the tests of rules."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the three subcommands."""
        commands = parser.add_subparsers(dest="action", required=True)
        self._add_import(commands.add_parser("import", help="Take rules from files."))
        self._add_export(commands.add_parser("export", help="Write all rules to a file."))
        tests = commands.add_parser(
            "test", help="Run tests of rules; of this installation's by default."
        )
        tests.add_argument("files", nargs="*", type=Path, help="Files as promtool's test rules.")

    def _add_import(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, help="Rule files, PrometheusRules.")
        parser.add_argument(
            "--check", action="store_true", help="Only say what would change; 1 if something."
        )
        parser.add_argument("--group-prefix", default="", help="What groups' names begin with.")

    def _add_export(self, parser: CommandParser) -> None:
        parser.add_argument("--target", choices=list(Target), default=Target.CURRENT.value)
        parser.add_argument("--format", choices=list(Form), default=Form.RULES.value)
        parser.add_argument("--name", default="zerostate-monitoring", help="Of the object.")
        parser.add_argument("--namespace", default="", help="Of the object.")
        parser.add_argument("--output", type=Path, help="The file; default: the terminal.")
        parser.add_argument("--tests", action="store_true", help="Write tests beside it, too.")
        parser.add_argument(
            "--no-outside", action="store_true", help="Without the rules for outside alone."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked. Ends with 1 where something differs or fails, 2 on an error."""
        try:
            getattr(self, f"_{options['action']}")(options)
        except RuleFileError as error:
            raise CommandError("\n".join(error.faults), returncode=_ERROR) from error
        except (MonitoringError, OSError) as error:
            raise CommandError(str(error), returncode=_ERROR) from error

    # -- import --------------------------------------------------------------------

    def _import(self, options: dict[str, Any]) -> None:
        files = [File(str(path), from_file(path, read)) for path in options["files"]]
        report = take(files, prefix=options["group_prefix"], check=options["check"])
        self._tell(report, verbose=options["verbosity"] > 1)
        if options["check"] and not report.is_empty:
            raise CommandError("Nothing was changed: --check.", returncode=1)

    def _tell(self, report: Report, *, verbose: bool) -> None:
        for word, names in (("added", report.added), ("changed", report.changed)):
            for name in names:
                self.stdout.write(f"{word:10} {name}")
        for name in report.unchanged if verbose else ():
            self.stdout.write(f"{'unchanged':10} {name}")
        for name in report.left:
            self.stdout.write(f"{'left':10} {name} (in no file; it stays)")
        self.stdout.write(
            f"{len(report.added)} added, {len(report.changed)} changed, "
            f"{len(report.unchanged)} unchanged."
        )

    # -- export --------------------------------------------------------------------

    def _export(self, options: dict[str, Any]) -> None:
        output: Path | None = options["output"]
        if options["tests"] and output is None:
            raise CommandError("--tests writes files beside --output: name one.", returncode=_ERROR)
        found = outgoing(timezone.now(), with_outside=not options["no_outside"])
        target = Target(options["target"])
        file = written(
            found.groups,
            target=target,
            form=Form(options["format"]),
            name=options["name"],
            namespace=options["namespace"],
            notes=found.notes,
        )
        if output is None:
            self.stdout.write(file.text, ending="")
            return
        output.write_text(file.text, encoding="utf-8")
        self.stdout.write(f"{output}: {sum(len(g.rules) for g in found.groups)} rules.")
        for note in file.notes:
            self.stdout.write(note)
        if options["tests"]:
            self._export_tests(found, output, target)

    def _export_tests(self, found: Outgoing, output: Path, target: Target) -> None:
        files = tests_of(found, output.name, target)
        for suffix, text in files.items():
            path = output.with_name(f"{output.stem}{suffix}")
            path.write_text(text, encoding="utf-8")
            if path.suffix == ".yml":
                self.stdout.write(f"{path}: run it with promtool test rules.")
        if found.untested:
            self.stdout.write(f"Without tests, for they were changed: {', '.join(found.untested)}.")

    # -- test ----------------------------------------------------------------------

    def _test(self, options: dict[str, Any]) -> None:
        files: list[Path] = options["files"]
        count, failures = file_failures(files) if files else all_failures()
        for failure in failures:
            self.stdout.write(self.style.ERROR(failure))
        if failures:
            sys.exit(1)
        self.stdout.write(self.style.SUCCESS(f"{count} tests passed."))
