"""What the page of exports shows of each part."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, ngettext_lazy

from zerostate_monitoring.admin import display
from zerostate_monitoring.exceptions import MonitoringError, RuleFileError
from zerostate_monitoring.generators.exports import Export, export
from zerostate_monitoring.generators.options import ExportOptions
from zerostate_monitoring.generators.parts import PARTS, Part

_FEW: Final = 3
_KIND: Final = re.compile(r"^kind: (\w+)$", re.MULTILINE)
_TESTS: Final = re.compile(r"^tests:$", re.MULTILINE)
_COUNTED: Final = (
    (ngettext_lazy("%(n)d rule", "%(n)d rules", "n"), r"^ *- (?:alert|record): "),
    (ngettext_lazy("%(n)d scrape job", "%(n)d scrape jobs", "n"), r"^ *- job_name: "),
    (ngettext_lazy("%(n)d route", "%(n)d routes", "n"), r"^ *- receiver: "),
    (ngettext_lazy("%(n)d inhibition", "%(n)d inhibitions", "n"), r"^ *- source_matchers:"),
    (ngettext_lazy("%(n)d list of addresses", "%(n)d lists of addresses", "n"), r"^- targets:"),
)


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file."""

    path: str
    size: int
    query: str
    """What an address says to have it."""

    what: str
    """What it says of itself; empty for nothing."""


@dataclass(frozen=True, slots=True)
class PartShown:
    """A part with its files, or why there are none."""

    part: Part
    files: Sequence[FileLine] = ()
    warnings: Sequence[str] = ()
    error: str = ""
    query: str = ""

    @property
    def has_many_warnings(self) -> bool:
        """Whether they would hide the files."""
        return len(self.warnings) > _FEW

    @property
    def badge(self) -> SafeString:
        """How many warnings there are."""
        said = ngettext("%d warning", "%d warnings", len(self.warnings))
        return display.badge("warn", said % len(self.warnings))


def allowed(user: Any) -> tuple[Part, ...]:
    """Parts that tell of nothing that this person may not see."""
    return tuple(part for part in PARTS.values() if may_see(user, part))


def may_see(user: Any, part: Part) -> bool:
    """Whether this person may see all rows that the part tells of."""
    return all(user.has_perm(f"zerostate_monitoring.view_{model}") for model in part.reads)


def shown(part: Part, options: ExportOptions, query: str) -> PartShown:
    """A part as it stands now; one that cannot be made does not keep others from the page."""
    try:
        made = export(options, [part.name])
    except MonitoringError as error:
        return PartShown(part, error=told(error))
    return PartShown(
        part, list(_lines(made, query)), made.warnings, query=joined(query, part=part.name)
    )


def told(error: MonitoringError) -> str:
    """What is wrong, a line for each fault."""
    return "\n".join(error.faults) if isinstance(error, RuleFileError) else str(error)


def joined(query: str, **more: str) -> str:
    """A query with something more."""
    return "&".join(filter(None, (query, urlencode(more))))


def _lines(made: Export, query: str) -> Iterator[FileLine]:
    for path in sorted(made.files):
        text = made.files[path]
        yield FileLine(path, len(text.encode()), joined(query, path=path), what(path, text))


def what(path: str, text: str) -> str:
    """Title of a dashboard, kinds of objects, or what there is how many of."""
    if path.endswith(".json"):
        return str(json.loads(text).get("title", ""))
    kinds = ", ".join(dict.fromkeys(_KIND.findall(text)))
    if kinds or _TESTS.search(text):
        return kinds or _("Tests of the rules, for promtool test rules")
    said = ((len(re.findall(found, text, re.MULTILINE)), words) for words, found in _COUNTED)
    return ", ".join(words % {"n": count} for count, words in said if count)
