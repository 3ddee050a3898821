"""``manage.py monitoring_docs``: write the generated pages, check that of the settings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from zerostate_monitoring.catalogue.documentation import render
from zerostate_monitoring.conf import PREFIX, Settings
from zerostate_monitoring.generators import runbooks
from zerostate_monitoring.generators.dashboards import documentation


class Command(BaseCommand):
    """Write the pages, or compare them with ``--check``."""

    help = "Writes the pages of metrics, panels and runbooks; checks that of all settings."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add ``--check``, and where the pages are."""
        parser.add_argument("--check", action="store_true", help="Only compare; exit 1 if old.")
        parser.add_argument("--output", type=Path, default=Path("docs/metrics.md"))
        parser.add_argument("--settings-page", type=Path, default=Path("docs/settings.md"))
        parser.add_argument("--panels", type=Path, default=Path("docs/panels.md"))
        parser.add_argument("--runbooks", type=Path, default=Path("docs/runbooks"))

    def handle(self, *args: Any, **options: Any) -> None:
        """Write or compare."""
        output: Path = options["output"]
        directory: Path = options["runbooks"]
        pages = {output: render(), options["panels"]: documentation.page()}
        pages |= {directory / name: text for name, text in runbooks.pages().items()}
        old = [page for page, text in pages.items() if _text_of(page) != text]
        surplus = sorted(set(directory.glob("*.md")) - set(pages))
        if options["check"]:
            self._check([*old, *surplus], options["settings_page"])
            return
        for page in old:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(pages[page], encoding="utf-8")
            self.stdout.write(f"{page} written")
        for page in surplus:
            page.unlink()
            self.stdout.write(f"{page} deleted: there is no such rule")
        self.stdout.write(f"{len(pages) - len(old)} of {len(pages)} pages were up to date.")

    def _check(self, old: list[Path], settings: Path) -> None:
        faults = [f"{settings}: {fault}" for fault in settings_faults(_text_of(settings))]
        faults += [f"{page} is out of date; run: manage.py monitoring_docs" for page in old]
        if faults:
            raise CommandError("\n".join(faults))
        self.stdout.write(f"The pages are up to date, {settings} names every setting")


def setting_names() -> list[str]:
    """Every setting of the app, without its prefix."""
    return [name for name in dir(Settings) if isinstance(getattr(Settings, name), property)]


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
