"""The pages on which rules come from files and go into files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from zerostate_monitoring.admin.base import ModelAdmin
from zerostate_monitoring.exceptions import RuleFileError
from zerostate_monitoring.models import Rule

if TYPE_CHECKING:
    from zerostate_monitoring.admin.rows import RowsAdmin
    from zerostate_monitoring.alerting.rule_import import Report

    Base = RowsAdmin[Rule]
else:
    Base = ModelAdmin

PREVIEW: Final = "_preview"
_PREFIX: Final = "zerostate_monitoring_rule"


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
        from zerostate_monitoring.admin.rules.file_forms import ImportForm
        from zerostate_monitoring.admin.rules.importing import may_import, shown

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
        context = {"form": form, "report": report, "faults": faults, **shown(report)}
        return self.page(request, "rule/import.html", _("Import rules"), context)

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """A page that asks for whom; then the file."""
        from zerostate_monitoring.admin.rules.file_forms import ExportForm
        from zerostate_monitoring.admin.rules.importing import exported

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
        from zerostate_monitoring.admin.rules.importing import summary, told

        for name in report.added:
            self.log_addition(request, report.saved[name].row, _("Taken from a file."))
        for name in report.changed:
            self.log_change(request, report.saved[name].row, told(report.saved[name]))
        self.message_user(request, summary(report), messages.SUCCESS)
