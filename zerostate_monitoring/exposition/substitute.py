"""django-prometheus's view, and what its URLs answer with instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from django_prometheus import exports

process_page: Final[Callable[[HttpRequest], HttpResponse]] = exports.ExportToDjangoView
"""django-prometheus's own view, which tells of the answering process alone."""


def answer_with(dotted_path: str) -> None:
    """Make ``django_prometheus.urls`` serve this view; its URL module is read after this.

    The view is loaded when it is first asked for: a worker or a command never is, and would
    load all pages for it.
    """

    @login_not_required
    def substitute(request: HttpRequest) -> HttpResponse:
        view: Callable[[HttpRequest], HttpResponse] = import_string(dotted_path)
        return view(request)

    exports.ExportToDjangoView = substitute
