"""Everything that is generated, to be looked at and taken along."""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from zerostate_monitoring.admin.base import LiveAdmin, ModelAdmin
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
        from zerostate_monitoring.admin.exporting.answering import page_context

        context = {
            **self.admin_site.each_context(request),
            "title": _("Export"),
            "opts": self.model._meta,
            **page_context(request),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/zerostate_monitoring/export.html", context)

    def export_file_view(self, request: HttpRequest) -> HttpResponse:
        """One file."""
        from zerostate_monitoring.admin.exporting.answering import download, made, parts

        asked = request.GET.get("path", "")
        chosen = [one for one in parts(request) if asked.startswith(f"{one.directory}/")]
        files = made(request, chosen)
        if isinstance(files, HttpResponse):
            return files
        if asked not in files:
            raise Http404
        kind = _KINDS.get(asked.rpartition(".")[2], "text/plain")
        return download(basename(asked), f"{kind}; charset=utf-8", files[asked].encode())

    def export_archive_view(self, request: HttpRequest) -> HttpResponse:
        """All files, or those of one part."""
        from zerostate_monitoring.admin.exporting.answering import download, made, parts
        from zerostate_monitoring.generators.archives import zipped

        asked = request.GET.get("part", "")
        chosen = [one for one in parts(request) if asked in {"", one.name}]
        files = made(request, chosen)
        if isinstance(files, HttpResponse):
            return files
        name = f"{_ARCHIVE}-{asked}.zip" if asked else f"{_ARCHIVE}.zip"
        return download(name, "application/zip", zipped(files))
