"""Who may not open a page is told so on a page of the admin, with the right that is lacking."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Final

from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext as _

View = Callable[..., Any]

_ACTIONS: Final = {"add": "add", "delete": "delete"}
"""What Django's own pages want, by the ends of their names; all others want to be viewed."""
_RIGHT: Final = re.compile(r"\w+\.\w+")


def clearly(
    door: admin.ModelAdmin[Any], patterns: list[URLPattern | URLResolver]
) -> list[URLPattern | URLResolver]:
    """The same addresses; one that is refused answers with a page that says why."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback = _answered(door, pattern.callback, pattern.name or "")
    return patterns


def _answered(door: admin.ModelAdmin[Any], view: View, page: str) -> View:
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            answer: HttpResponse = view(request, *args, **kwargs)
        except PermissionDenied as error:
            return forbidden(door, request, page, str(error))
        return answer

    return answered


def forbidden(
    door: admin.ModelAdmin[Any], request: HttpRequest, page: str = "", said: str = ""
) -> TemplateResponse:
    """Status 403: whose rights do not suffice, and which is needed.

    ``page`` is the name of the address, ``said`` what the refusal says: a right, if any.
    """
    request.current_app = door.admin_site.name
    frame = door.admin_site.each_context(request)
    lacking = needed(door, request, page, said)
    seen = [one["app_label"] for one in frame["available_apps"]]
    context = {
        **frame,
        "title": _("You may not do this"),
        "opts": door.model._meta,
        "lacking": list(zip(_named(lacking), lacking, strict=True)),
        "sees_any": bool(seen),
        "sees_app": door.model._meta.app_label in seen,
    }
    template = "admin/zerostate_monitoring/forbidden.html"
    return TemplateResponse(request, template, context, status=403)


def needed(door: admin.ModelAdmin[Any], request: HttpRequest, page: str, said: str) -> list[str]:
    """The right that opens the page; several where any of them may be meant. None that one has."""
    if _RIGHT.fullmatch(said):
        return _without(request, [said])
    one = getattr(door, "needs", "")
    if one:
        return _without(request, [one])
    meta = door.model._meta
    end = page.rpartition("_")[2]
    posts = request.method == "POST" and end == "change"
    action = _ACTIONS.get(end, "change" if posts else "view")
    lacking = _without(request, [f"{meta.app_label}.{get_permission_codename(action, meta)}"])
    if lacking:
        return lacking
    others = [get_permission_codename(one, meta) for one in meta.default_permissions]
    others += [codename for codename, _name in meta.permissions]
    return _without(request, [f"{meta.app_label}.{name}" for name in others])


def _without(request: HttpRequest, rights: Sequence[str]) -> list[str]:
    return [right for right in rights if not request.user.has_perm(right)]


def _named(rights: Sequence[str]) -> list[str]:
    """Their names as they stand where they are given."""
    codenames = {right.partition(".")[2]: right for right in rights}
    rows = Permission.objects.filter(codename__in=codenames)
    found = {
        f"{label}.{codename}": name
        for label, codename, name in rows.values_list("content_type__app_label", "codename", "name")
    }
    return [found.get(right, right) for right in rights]
