"""What was asked for of that which is generated: files, or what is wrong with the question."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from zerostate_monitoring.admin.exporting.forms import OptionsForm
from zerostate_monitoring.admin.exporting.showing import allowed, shown, told
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.generators.exports import export
from zerostate_monitoring.generators.options import Files
from zerostate_monitoring.generators.parts import Part


def page_context(request: HttpRequest) -> dict[str, Any]:
    """Each part with its files, as the options in the address would have them."""
    chosen = parts(request)
    form = OptionsForm(request.GET)
    found = []
    if form.is_valid():
        options = form.cleaned_data["options"]
        found = [shown(part, options, form.query) for part in chosen]
    return {
        "form": form,
        "parts": found,
        "query": form.query,
        "is_whole": all(not one.error for one in found),
        "count": sum(len(one.files) for one in found),
    }


def parts(request: HttpRequest) -> tuple[Part, ...]:
    """The parts that one may have.

    Raises:
        PermissionDenied: there is none.
    """
    found = allowed(request.user)
    if not found:
        raise PermissionDenied
    return found


def made(request: HttpRequest, chosen: Iterable[Part]) -> Files | HttpResponse:
    """The files that were asked for, or what is wrong with the question."""
    names = [part.name for part in chosen]
    if not names:
        raise Http404
    form = OptionsForm(request.GET)
    if not form.is_valid():
        return refused(form.errors.as_text())
    try:
        return export(form.cleaned_data["options"], names).files
    except MonitoringError as error:
        return refused(told(error))


def refused(text: str) -> HttpResponse:
    """What is wrong, as plain text."""
    return HttpResponse(f"{text}\n", status=400, content_type="text/plain; charset=utf-8")


def download(name: str, kind: str, content: bytes) -> HttpResponse:
    """One file, to be kept."""
    disposition: dict[str, Any] = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=kind, headers=disposition)
