"""Who may not open a page is told so on a page of the admin, with the rights that are lacking."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext as _

View = Callable[..., Any]


def clearly(
    door: admin.ModelAdmin[Any], patterns: list[URLPattern | URLResolver]
) -> list[URLPattern | URLResolver]:
    """The same addresses; one that is refused answers with a page that says why."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = _answered(door, pattern.callback)
    return patterns


def _answered(door: admin.ModelAdmin[Any], view: View) -> View:
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer: HttpResponse = view(request, *args, **kwargs)
        except PermissionDenied:
            return forbidden(door, request)
        return answer

    return answered


def forbidden(door: admin.ModelAdmin[Any], request: HttpRequest) -> TemplateResponse:
    """Status 403: whose rights do not suffice, and which there are."""
    request.current_app = door.admin_site.name
    held, lacking = rights(door, request)
    context = {
        **door.admin_site.each_context(request),
        "title": _("You may not do this"),
        "opts": door.model._meta,
        "what": door.model._meta.verbose_name_plural,
        "held": held,
        "lacking": lacking,
    }
    template = "admin/zerostate_monitoring/forbidden.html"
    return TemplateResponse(request, template, context, status=403)


def rights(door: admin.ModelAdmin[Any], request: HttpRequest) -> tuple[list[str], list[str]]:
    """The rights on this model that the user has, and those that they lack."""
    meta = door.model._meta
    names = [get_permission_codename(action, meta) for action in meta.default_permissions]
    names += [codename for codename, _name in meta.permissions]
    held = [name for name in names if request.user.has_perm(f"{meta.app_label}.{name}")]
    return held, [name for name in names if name not in held]
