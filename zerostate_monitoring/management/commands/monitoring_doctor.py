"""``manage.py monitoring_doctor``: what is wrong, and what to do next."""

from __future__ import annotations

import json
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from zerostate_monitoring.doctor import Finding, Level
from zerostate_monitoring.doctor.examination import examine

SIGNS: Final = {Level.OK: "ok", Level.UNKNOWN: "?", Level.WARNING: "!", Level.ERROR: "x"}


class Command(BaseCommand):
    """Print all findings; exit with 1 if something does not work."""

    help = "Examines store, beat, worker, collectors, nodes, platform and settings."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Add ``--json``."""
        parser.add_argument("--json", action="store_true", help="Print findings as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Examine and print."""
        findings = self._findings(is_for_programs=options["json"])
        if options["json"]:
            self.stdout.write(json.dumps([finding.as_dict() for finding in findings], indent=2))
        else:
            self._print(findings)
        errors = sum(finding.level is Level.ERROR for finding in findings)
        if errors:
            raise CommandError(f"{errors} of {len(findings)} findings are errors.")

    def _findings(self, *, is_for_programs: bool) -> list[Finding]:
        """In the language of the installation; in English where a program reads them."""
        if not is_for_programs:
            return examine()
        with translation.override(None):
            return examine()

    def _print(self, findings: list[Finding]) -> None:
        width = max(len(finding.title) for finding in findings)
        for finding in findings:
            line = f"{SIGNS[finding.level]:>2}  {finding.title:<{width}}  {finding.message}"
            self.stdout.write(self._coloured(finding.level, line))
            if finding.advice:
                self.stdout.write(f"{'':{width + 6}}-> {finding.advice}")

    def _coloured(self, level: Level, line: str) -> str:
        styles = {
            Level.OK: self.style.SUCCESS,
            Level.UNKNOWN: self.style.NOTICE,
            Level.WARNING: self.style.WARNING,
            Level.ERROR: self.style.ERROR,
        }
        return styles[level](line)
