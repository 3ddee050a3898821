"""``manage.py monitoring_export``: everything that is generated, into a directory, to a Grafana."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from django.core.management.base import CommandError, CommandParser

from zerostate_monitoring.exceptions import ConfigurationError, MonitoringError, RuleFileError
from zerostate_monitoring.generators import directories
from zerostate_monitoring.generators.differences import difference
from zerostate_monitoring.generators.directories import Outcome, Step
from zerostate_monitoring.generators.exports import Export, export, of_this_project
from zerostate_monitoring.generators.option_words import GROUPS, Kind, Option, made, options
from zerostate_monitoring.generators.options import Files
from zerostate_monitoring.generators.parts import PARTS, chosen
from zerostate_monitoring.management.rows import RowsCommand
from zerostate_monitoring.sources.grafana.pushing import Folder, Sending, push
from zerostate_monitoring.sources.grafana.target import TOKEN_VARIABLE, grafana_target, token_of

_ERROR: Final = 2
_DASHBOARDS: Final = "dashboards"


class Command(RowsCommand):
    """Write, compare, push."""

    broken_returncode = _ERROR
    help = (
        "Writes dashboards, rules, scrape configuration, Alertmanager's file and objects for "
        "Kubernetes, made of the definitions in this project. Ends with 1 where --check finds a "
        "difference, with 2 on an error."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, which parts, and every option of the export."""
        parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
        parser.add_argument("--to", type=Path, metavar="DIR", help="The directory.")
        parser.add_argument(
            "--check", action="store_true", help="Only compare; show differences, 1 if any."
        )
        parser.add_argument(
            "--force", action="store_true", help="Replace files that others wrote or changed."
        )
        self._add_grafana(parser.add_argument_group("A Grafana to push to"))
        groups = {title: parser.add_argument_group(f"In the files: {title}") for title in GROUPS}
        for option in options():
            groups[option.group].add_argument(option.flag, **_argument(option))

    def _add_grafana(self, group: Any) -> None:
        group.add_argument("--grafana", metavar="URL", help="Push the dashboards to this Grafana.")
        group.add_argument(
            "--grafana-token-file",
            type=Path,
            metavar="FILE",
            help=f"File with a service account's token; default: the variable {TOKEN_VARIABLE}.",
        )
        group.add_argument("--grafana-ca-file", type=Path, metavar="FILE", help="Its authority.")
        group.add_argument("--grafana-folder", default=Folder().title, help="Title of the folder.")
        group.add_argument("--grafana-folder-uid", default=Folder().uid, help="Uid of the folder.")
        group.add_argument("--grafana-timeout", type=float, default=10.0, help="In seconds.")

    def handle(self, *args: Any, **given: Any) -> None:
        """Do what was asked."""
        try:
            is_same = self._run(given)
        except RuleFileError as error:
            raise CommandError("\n".join(error.faults), returncode=_ERROR) from error
        except MonitoringError as error:
            raise CommandError(str(error), returncode=_ERROR) from error
        if not is_same:
            raise CommandError("Not as it should be: see above.", returncode=1)

    def _run(self, given: Mapping[str, Any]) -> bool:
        names = [part.name for part in chosen(given["parts"])]
        url, directory = given["grafana"], given["to"]
        if not url and directory is None:
            raise ConfigurationError("Say where to: --to DIR, --grafana URL, or both.")
        if url and _DASHBOARDS not in names:
            raise ConfigurationError("--grafana takes dashboards, which are not among the parts.")
        if directory is None:
            names = [_DASHBOARDS]
        found = export(made({**of_this_project(), **_given(given)}), names)
        self._warn(found)
        is_same = directory is None or self._put(directory, found.files, names, given)
        return (not url or self._push(found.files, given)) and is_same

    def _warn(self, found: Export) -> None:
        for sentence in found.warnings:
            self.stderr.write(self.style.WARNING(f"Warning: {sentence}"))

    # -- a directory -----------------------------------------------------------------

    def _put(
        self, root: Path, files: Files, names: Iterable[str], given: Mapping[str, Any]
    ) -> bool:
        owned = {PARTS[name].directory for name in names}
        if given["check"]:
            return self._compare(directories.compared(root, files, owned))
        for step in directories.write(root, files, owned, force=given["force"]):
            self._tell(step)
        return True

    def _compare(self, steps: Iterable[Step]) -> bool:
        different = [step for step in steps if step.is_difference]
        for step in different:
            self.stdout.write("\n".join(difference(step)))
        self.stdout.write(f"{len(different)} files differ." if different else "Nothing differs.")
        return not different

    def _tell(self, step: Step) -> None:
        is_kept = step.outcome is Outcome.KEPT
        remark = " (no longer generated, but changed by somebody: it stays)" if is_kept else ""
        self.stdout.write(f"{step.outcome.value:10} {step.path}{remark}")

    # -- a Grafana -------------------------------------------------------------------

    def _push(self, files: Files, given: Mapping[str, Any]) -> bool:
        token = token_of(os.environ, given["grafana_token_file"])
        target = grafana_target(
            given["grafana"], token, given["grafana_ca_file"], given["grafana_timeout"]
        )
        folder = Folder(given["grafana_folder_uid"], given["grafana_folder"])
        texts = [text for path, text in files.items() if path.startswith(f"{_DASHBOARDS}/")]
        is_same = True
        for one in push(target, texts, folder, check=given["check"]):
            self.stdout.write(f"{one.outcome.value:10} {one.title} {one.url}".rstrip())
            is_same = is_same and one.outcome is not Sending.DIFFERENT
        return is_same


def _given(options: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def _argument(option: Option) -> dict[str, Any]:
    """How argparse takes an option; one that is not given stays away."""
    shown = f" Default: {option.default}." if option.default not in {"", (), False} else ""
    taken: dict[str, Any] = {"help": option.help + shown, "default": None}
    if option.kind is Kind.SWITCH:
        return {**taken, "action": "store_true"}
    if option.kind in {Kind.LIST, Kind.PAIRS}:
        return {**taken, "action": "append", "metavar": "TEXT"}
    if option.kind is Kind.CHOICE:
        return {**taken, "choices": option.choices}
    return {**taken, "type": float if option.kind is Kind.NUMBER else str, "metavar": "TEXT"}
