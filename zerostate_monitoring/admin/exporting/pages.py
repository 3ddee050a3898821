"""Everything that is generated, to be looked at and taken along."""

from __future__ import annotations

from collections.abc import Iterable
from posixpath import basename
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from zerostate_monitoring.admin.base import LiveAdmin, ModelAdmin
from zerostate_monitoring.admin.exporting.forms import OptionsForm
from zerostate_monitoring.admin.exporting.showing import allowed, shown, told
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.generators.archives import zipped
from zerostate_monitoring.generators.exports import export
from zerostate_monitoring.generators.options import Files
from zerostate_monitoring.generators.parts import Part
from zerostate_monitoring.models import Collector

if TYPE_CHECKING:
    Base = LiveAdmin[Collector]
else:
    Base = ModelAdmin

_PREFIX: Final = "zerostate_monitoring_export"
_ARCHIVE: Final = "zerostate-monitoring"
_KINDS: Final = {"json": "application/json", "yml": "application/yaml", "yaml": "application/yaml"}


class ExportPages(Base):
    """For ``CollectorAdmin``, beside the doctor: pages of the whole installation."""

    def get_urls(self) -> list[URLPattern]:
        """The page, its files and its archives, then the usual ones."""
        view = self.admin_site.admin_view
        return [
            path("export/", view(self.export_view), name=_PREFIX),
            path("export/file/", view(self.export_file_view), name=f"{_PREFIX}_file"),
            path("export/archive/", view(self.export_archive_view), name=f"{_PREFIX}_archive"),
            *super().get_urls(),
        ]

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Each part with its files, as the options in the address would have them."""
        parts = _parts(request)
        form = OptionsForm(request.GET)
        found = []
        if form.is_valid():
            options = form.cleaned_data["options"]
            found = [shown(part, options, form.query) for part in parts]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Export"),
            "opts": self.model._meta,
            "form": form,
            "parts": found,
            "query": form.query,
            "is_whole": all(not one.error for one in found),
            "count": sum(len(one.files) for one in found),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/zerostate_monitoring/export.html", context)

    def export_file_view(self, request: HttpRequest) -> HttpResponse:
        """One file."""
        asked = request.GET.get("path", "")
        parts = [one for one in _parts(request) if asked.startswith(f"{one.directory}/")]
        files = _made(request, parts)
        if isinstance(files, HttpResponse):
            return files
        if asked not in files:
            raise Http404
        kind = _KINDS.get(asked.rpartition(".")[2], "text/plain")
        return _download(basename(asked), f"{kind}; charset=utf-8", files[asked].encode())

    def export_archive_view(self, request: HttpRequest) -> HttpResponse:
        """All files, or those of one part."""
        asked = request.GET.get("part", "")
        parts = [one for one in _parts(request) if asked in {"", one.name}]
        files = _made(request, parts)
        if isinstance(files, HttpResponse):
            return files
        name = f"{_ARCHIVE}-{asked}.zip" if asked else f"{_ARCHIVE}.zip"
        return _download(name, "application/zip", zipped(files))


def _parts(request: HttpRequest) -> tuple[Part, ...]:
    parts = allowed(request.user)
    if not parts:
        raise PermissionDenied
    return parts


def _made(request: HttpRequest, parts: Iterable[Part]) -> Files | HttpResponse:
    """The files that were asked for, or what is wrong with the question."""
    names = [part.name for part in parts]
    if not names:
        raise Http404
    form = OptionsForm(request.GET)
    if not form.is_valid():
        return _refused(form.errors.as_text())
    try:
        return export(form.cleaned_data["options"], names).files
    except MonitoringError as error:
        return _refused(told(error))


def _refused(text: str) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=400, content_type="text/plain; charset=utf-8")


def _download(name: str, kind: str, content: bytes) -> HttpResponse:
    disposition: dict[str, Any] = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=kind, headers=disposition)
