"""``manage.py monitoring_nodes``: take nodes from a document, list them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from zerostate_monitoring.collectors.node_import import (
    PARSERS,
    fetch_document,
    format_of,
    import_nodes,
    summary,
)
from zerostate_monitoring.collectors.node_names import NOTE
from zerostate_monitoring.conf import conf
from zerostate_monitoring.doctor.switch import SWITCHED_OFF
from zerostate_monitoring.exceptions import ConfigurationError, SourceError, StoreError
from zerostate_monitoring.management.rows import RowsCommand
from zerostate_monitoring.models import Node
from zerostate_monitoring.storage.store import current_store


class Command(RowsCommand):
    """Import or list nodes."""

    help = "Takes nodes from CSV or a Prometheus http_sd/file_sd document, or lists them."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the two subcommands."""
        commands = parser.add_subparsers(dest="action", required=True)
        take = commands.add_parser("import", help="Make the rows those of a document.")
        take.add_argument("source", help="A file, or an http:// or https:// address.")
        take.add_argument("--format", choices=sorted(PARSERS), help="Default: by the name.")
        take.add_argument("--origin", help="Whose rows these are; default: the source.")
        take.add_argument(
            "--token",
            metavar="REFERENCE",
            default="",
            help="env:NAME or file:/path of the bearer token that an address wants.",
        )
        take.add_argument(
            "--ca", metavar="FILE", default="", help="PEM of the CA of an https:// address."
        )
        take.add_argument("--dry-run", action="store_true", help="Only say what would change.")
        commands.add_parser("list", help="Print the nodes and how they are.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked."""
        if options["action"] == "list":
            self._list()
        elif conf.ENABLED:
            self._import(options["source"], options)
        else:
            self.stdout.write(self.style.WARNING(f"-- nothing was imported: {SWITCHED_OFF}"))

    def _import(self, source: str, options: dict[str, Any]) -> None:
        try:
            changes = import_nodes(
                _text_of(source, token=options["token"], ca=options["ca"]),
                document_format=options["format"] or format_of(source),
                origin=(options["origin"] or source)[:200],
                dry_run=options["dry_run"],
            )
        except (ConfigurationError, SourceError) as error:
            raise CommandError(str(error)) from error
        for sign, names in (("+", changes.added), ("~", changes.changed), ("-", changes.removed)):
            for name in names:
                self.stdout.write(f"{sign} {name}")
        would = "would be: " if options["dry_run"] else ""
        self.stdout.write(self.style.SUCCESS(would + summary(changes)))

    def _list(self) -> None:
        notes = self._notes()
        for node in Node.objects.all():
            state = _state(node, notes.get(node.name))
            self.stdout.write(f"{node.name:<30} {node.role:<9} {state:<24} {node.base_url}")

    def _notes(self) -> dict[str, dict[str, Any]]:
        try:
            if conf.ENABLED:
                return current_store().notes(NOTE)
            reason = SWITCHED_OFF
        except StoreError as error:
            reason = str(error)
        self.stderr.write(self.style.WARNING(f"how they are is not known: {reason}"))
        return {}


def _state(node: Node, note: dict[str, Any] | None) -> str:
    if not node.enabled:
        return "disabled"
    if note is None:
        return "unknown"
    if note.get("left"):
        return "left"
    return "up" if note.get("up") else f"down ({note.get('error_kind') or 'error'})"


def _text_of(source: str, *, token: str, ca: str) -> str:
    if not source.startswith(("http://", "https://")):
        if token or ca:
            raise CommandError("--token and --ca are for an http:// or https:// address.")
        return _read(source)
    if token and not token.startswith(("env:", "file:")):
        # Others on this machine can read what stands on a command line.
        raise CommandError("--token takes a reference, env:NAME or file:/path, not the token.")
    return fetch_document(source, token=token, ca=_read(ca) if ca else "")


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read: {error}") from error
