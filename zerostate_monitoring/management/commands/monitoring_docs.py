"""``manage.py monitoring_docs``: write docs/metrics.md from the catalogue, check the settings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from zerostate_monitoring.catalogue.documentation import render
from zerostate_monitoring.conf import PREFIX, Settings


class Command(BaseCommand):
    """Write the page, or compare both pages with ``--check``."""

    help = "Writes the page of all metrics from the catalogue; checks that of all settings."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add ``--check``, ``--output`` and ``--settings-page``."""
        parser.add_argument("--check", action="store_true", help="Only compare; exit 1 if old.")
        parser.add_argument("--output", type=Path, default=Path("docs/metrics.md"))
        parser.add_argument("--settings-page", type=Path, default=Path("docs/settings.md"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or compare."""
        output: Path = options["output"]
        text = render()
        present = _text_of(output)
        if options["check"]:
            self._check(output, is_current=present == text, settings=options["settings_page"])
            return
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
        self.stdout.write(f"{output} {'is unchanged' if present == text else 'written'}")

    def _check(self, output: Path, *, is_current: bool, settings: Path) -> None:
        faults = [f"{settings}: {fault}" for fault in settings_faults(_text_of(settings))]
        if not is_current:
            faults.append(f"{output} is out of date; run: manage.py monitoring_docs")
        if faults:
            raise CommandError("\n".join(faults))
        self.stdout.write(f"{output} is up to date, {settings} names every setting")


def setting_names() -> list[str]:
    """Every setting of the app, without its prefix."""
    return sorted(name for name, value in vars(Settings).items() if isinstance(value, property))


def setting_sections(page: str) -> dict[str, str]:
    """The text under the heading of each setting that the Markdown of ``page`` has."""
    parts = re.split(rf"^### `{PREFIX}(\w+)`$", page, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def settings_faults(page: str) -> list[str]:
    """What ``page`` lacks: settings without a heading, and headings without a setting."""
    documented, names = set(setting_sections(page)), set(setting_names())
    missing = [f"{PREFIX}{name} has no heading" for name in sorted(names - documented)]
    return missing + [f"{PREFIX}{name} is no setting" for name in sorted(documented - names)]


def _text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8") if page.exists() else ""
