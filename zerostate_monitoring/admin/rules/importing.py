"""Rules from files and into files: first what would change, then the change."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zerostate_monitoring.alerting.rule_import import Report, Saved
from zerostate_monitoring.generators.prometheus_rules import Outgoing, outgoing, tests_of
from zerostate_monitoring.generators.rule_files import Form, written
from zerostate_monitoring.rules.files import Target

MOST_LINES: Final = 200
FILE_NAME: Final = "zerostate-rules"


@dataclass(frozen=True, slots=True)
class Line:
    """One rule of the preview."""

    what: str
    name: str
    differences: tuple[tuple[str, Any, Any], ...] = ()


def may_import(request: HttpRequest) -> bool:
    """An import adds and changes rules and groups."""
    needed = (f"{verb}_{model}" for verb in ("add", "change") for model in ("rule", "rulegroup"))
    return all(request.user.has_perm(f"zerostate_monitoring.{name}") for name in needed)


def summary(report: Report) -> str:
    """What an import does, in one sentence or two."""
    counts = {
        "added": len(report.added),
        "changed": len(report.changed),
        "same": len(report.unchanged),
    }
    said = _("%(added)d added, %(changed)d changed, %(same)d unchanged.") % counts
    if report.ended:
        ended = ngettext(
            "%(n)d firing alert ends: its rule's name or labels change.",
            "%(n)d firing alerts end: their rule's name or labels change.",
            report.ended,
        )
        said += " " + ended % {"n": report.ended}
    return said


def exported(data: dict[str, Any]) -> tuple[str, bytes]:
    """Name and content of what was asked for.

    Raises:
        RuleFileError: a rule cannot be said to that Prometheus.
    """
    found = outgoing(timezone.now(), with_outside=data["outside"])
    target, name = Target(data["target"]), f"{FILE_NAME}.yml"
    form = Form(data["form"])
    file = written(found.groups, target=target, form=form, notes=found.notes)
    if not data["tests"]:
        return name, file.text.encode()
    return f"{FILE_NAME}.zip", _archive(found, target, name, file.text)


def _archive(found: Outgoing, target: Target, name: str, text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
        tests = tests_of(found, name, target)
        for suffix, content in tests.items():
            archive.writestr(f"{FILE_NAME}{suffix}", content)
    return out.getvalue()


def shown(report: Report | None) -> dict[str, Any]:
    """The lines of a preview: what changes first, what stays at the end."""
    if report is None:
        return {}
    lines = list(_lines(report))
    rest = max(0, len(lines) - MOST_LINES)
    return {"summary": summary(report), "lines": lines[:MOST_LINES], "rest": rest}


def _lines(report: Report) -> Iterator[Line]:
    for name in report.changed:
        yield Line(_("change"), name, report.saved[name].differences)
    for name in report.added:
        yield Line(_("add"), name)
    for name in report.left:
        yield Line(_("left as it is: it stands in no file"), name)
    for name in report.unchanged:
        yield Line(_("unchanged"), name)


def told(saved: Saved) -> str:
    fields = ", ".join(field for field, _old, _new in saved.differences)
    return _("Taken from a file. Changed: %(fields)s.") % {"fields": fields}
