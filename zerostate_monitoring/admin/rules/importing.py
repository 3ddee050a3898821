"""Rules from files and into files: first what would change, then the change."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from zerostate_monitoring.admin.base import ModelAdmin
from zerostate_monitoring.admin.rules.file_forms import ExportForm, ImportForm
from zerostate_monitoring.alerting.rule_import import Report, Saved
from zerostate_monitoring.exceptions import RuleFileError
from zerostate_monitoring.generators.prometheus_rules import Outgoing, outgoing, tests_of
from zerostate_monitoring.generators.rule_files import Form, written
from zerostate_monitoring.models import Rule
from zerostate_monitoring.rules.files import Target

if TYPE_CHECKING:
    from zerostate_monitoring.admin.rows import RowsAdmin

    Base = RowsAdmin[Rule]
else:
    Base = ModelAdmin

MOST_LINES: Final = 200
FILE_NAME: Final = "zerostate-rules"
PREVIEW: Final = "_preview"
_PREFIX: Final = "zerostate_monitoring_rule"


@dataclass(frozen=True, slots=True)
class Line:
    """One rule of the preview."""

    what: str
    name: str
    differences: tuple[tuple[str, Any, Any], ...] = ()


class RuleFiles(Base):
    """For ``RuleAdmin``: the pages of import and export."""

    def get_urls(self) -> list[URLPattern]:
        """Import and export, then the usual ones."""
        view = self.admin_site.admin_view
        return [
            path("import/", view(self.import_view), name=f"{_PREFIX}_import"),
            path("export/", view(self.export_view), name=f"{_PREFIX}_export"),
            *super().get_urls(),
        ]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Take rules from a file; first as a preview. All of it or nothing."""
        if not may_import(request):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        report, faults = None, tuple[str, ...]()
        if request.method == "POST" and form.is_valid():
            check = PREVIEW in request.POST
            try:
                report = form.run(check=check, editor=request.user)
            except RuleFileError as error:
                faults = error.faults
            form = form if report is None else form.again()
            if report is not None and not check:
                self._tell_import(request, report)
                return HttpResponseRedirect(self.url("changelist"))
        context = {"form": form, "report": report, "faults": faults, **_shown(report)}
        return self.page(request, "rule/import.html", _("Import rules"), context)

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """A page that asks for whom; then the file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = ExportForm(request.GET if "target" in request.GET else None)
        if not form.is_valid():
            context = {"form": form}
            return self.page(request, "rule/export.html", _("Export rules"), context)
        try:
            name, content = exported(form.cleaned_data)
        except RuleFileError as error:
            refused: dict[str, Any] = {"form": form, "faults": error.faults}
            return self.page(request, "rule/export.html", _("Export rules"), refused)
        kind = "application/zip" if name.endswith(".zip") else "application/yaml"
        disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
        return HttpResponse(content, content_type=kind, headers=disposition)

    def _tell_import(self, request: HttpRequest, report: Report) -> None:
        for name in report.added:
            self.log_addition(request, report.saved[name].row, _("Taken from a file."))
        for name in report.changed:
            self.log_change(request, report.saved[name].row, _told(report.saved[name]))
        self.message_user(request, summary(report), messages.SUCCESS)


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
        said += " " + _("%(n)d firing alerts end: their rule's name or labels change.") % {
            "n": report.ended
        }
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


def _shown(report: Report | None) -> dict[str, Any]:
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


def _told(saved: Saved) -> str:
    fields = ", ".join(field for field, _old, _new in saved.differences)
    return _("Taken from a file. Changed: %(fields)s.") % {"fields": fields}
