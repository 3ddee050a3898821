"""An export as a whole: files of the chosen parts, and what is to be said of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from django.urls import NoReverseMatch, reverse

from zerostate_monitoring.conf import PREFIX, conf
from zerostate_monitoring.exceptions import RuleFileError
from zerostate_monitoring.generators import disabled, option_checks, parts
from zerostate_monitoring.generators.options import ExportOptions, Files
from zerostate_monitoring.models import Metric, Rule
from zerostate_monitoring.models.words import RuleKind
from zerostate_monitoring.rules.files import Target

_WARNING: Final = "# Warning: "
_FURTHER: Final = "#   "
_OLDER: Final = "Prometheus"
_NEWER: Final = (
    "Change these rules or disable them; or, if a newer Prometheus reads the files, say so: "
    f"prometheus-version {Target.CURRENT}."
)
_SCRAPED: Final = frozenset({"scrape", "kubernetes"})


@dataclass(frozen=True, slots=True)
class Export:
    """Files under their places, and sentences for whoever exports."""

    files: Files
    warnings: tuple[str, ...]


def export(options: ExportOptions, names: Iterable[str] = ()) -> Export:
    """All files of the parts of these names, all of them where there are none.

    Raises:
        ConfigurationError: there is no such part, or an option cannot work.
        MonitoringError: the definitions cannot be said in these files.
    """
    option_checks.check(options)
    chosen = [part.name for part in parts.chosen(names)]
    files = _made(options, chosen)
    said = [*_of_token(options, chosen), *_of_files(files), *_of_disabled(files)]
    return Export(files, tuple(dict.fromkeys(said)))


def _made(options: ExportOptions, names: Iterable[str]) -> Files:
    try:
        return parts.exported(options, names)
    except RuleFileError as error:
        if options.prometheus_version == Target.CURRENT or _OLDER not in str(error):
            raise
        raise RuleFileError([*error.faults, _NEWER]) from error


def of_this_project() -> dict[str, str]:
    """What this project knows of the options itself, by their names."""
    try:
        path = reverse("zerostate_monitoring:metrics")
    except NoReverseMatch:
        return {"base_url": conf.BASE_URL}
    return {"base_url": conf.BASE_URL, "metrics_path": path}


def _of_disabled(files: Files) -> list[str]:
    off = _off()
    rules = Rule.objects.filter(kind=RuleKind.RECORDING) if off else Rule.objects.none()
    return disabled.warnings(files, off, rules.values_list("name", "expr"))


def _off() -> frozenset[str]:
    rows = Metric.objects.filter(enabled=False).only("name", "feeds")
    return frozenset(row.name for row in rows if not row.always_on)


def _of_token(options: ExportOptions, names: Iterable[str]) -> Iterator[str]:
    if conf.METRICS_TOKEN and not options.token_file and not _SCRAPED.isdisjoint(names):
        yield (
            f"{PREFIX}METRICS_TOKEN is set, but no token file is named: the page will answer 401 "
            "to Prometheus. Put the token into a file there and name it with --token-file."
        )


def _of_files(files: Files) -> Iterator[str]:
    for path, text in files.items():
        yield from (f"{path}: {sentence}" for sentence in noted(text))


def noted(text: str) -> Iterator[str]:
    """What a file's comments say to whoever exports it."""
    sentence = ""
    for line in text.splitlines():
        if sentence and line.startswith(_FURTHER):
            sentence += f" {line.removeprefix(_FURTHER).strip()}"
            continue
        if sentence:
            yield sentence
        sentence = line.removeprefix(_WARNING).strip() if line.startswith(_WARNING) else ""
    if sentence:
        yield sentence
