"""Which pages there are: lists, forms, rows, and what has a page of its own. By name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode

from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse

from zerostate_monitoring.models import Message

APP: Final = "zerostate_monitoring"
OWN: Final = (
    *("routing", "node_import", "health", "doctor", "export"),
    *("rule_import", "alert_grouped", "alert_noise", "explore", "about"),
    *("calendar", "delivery", "resend"),
)
"""Pages without a row, by the ends of their names."""
OF_A_ROW: Final = (
    *(("rule", "versions"), ("rule", "explain"), ("alert", "explain")),
    ("node", "maintenance"),
)
ASKED: Final = {
    "explore": {"query": "sum by (site) (zerostate_peer_connections) < 5"},
    "about": {"label": "node", "value": "edge-2"},
}
"""What is asked of a page, so that it has something to show."""
WANTED: Final = {
    "alert": {"state": "firing", "rule_name": "PaymentsFailing"},
    "rule": {"name": "NodeDown"},
    "metric": {"name": "zerostate_peer_connections"},
    "message": {"state": "dead"},
}
"""Which row is shown, where there is a telling one; else the newest."""


def names() -> list[str]:
    """Every page; known before anything runs."""
    found = ["index", "app"]
    for model, model_admin in sorted(admin.site._registry.items(), key=lambda one: str(one[0])):
        if model._meta.app_label == APP:
            name = str(model._meta.model_name)
            found.append(f"{name}-list")
            if model._meta.proxy:
                continue
            found.append(f"{name}-row")
            if model_admin.has_add_permission(_request()):
                found.append(f"{name}-add")
    return [*found, *OWN, *("-".join(one) for one in OF_A_ROW)]


def _request():
    from django.contrib.auth.models import User

    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_active=True, is_staff=True)
    return request


def addresses() -> dict[str, str]:
    """Where each is; a page of a row that is not there is left out."""
    return dict(_found())


def _found() -> Iterator[tuple[str, str]]:
    yield "index", reverse("admin:index")
    yield "app", reverse("admin:app_list", args=[APP])
    known = names()
    for model in admin.site._registry:
        name = str(model._meta.model_name)
        if model._meta.app_label != APP:
            continue
        yield f"{name}-list", _list(name)
        if f"{name}-add" in known:
            yield f"{name}-add", reverse(f"admin:{APP}_{name}_add")
        row = None if model._meta.proxy else _row(model, name)
        if row is not None:
            yield f"{name}-row", reverse(f"admin:{APP}_{name}_change", args=[row.pk])
            for of, end in OF_A_ROW:
                if of == name:
                    yield f"{of}-{end}", _of_row(name, end, row.pk)
    for name in OWN:
        asked = _asked(name)
        query = f"?{urlencode(asked)}" if asked else ""
        yield name, reverse(f"admin:{APP}_{name}") + query


def _asked(name: str) -> dict[str, object]:
    dead = Message.objects.filter(state="dead").order_by("-pk").first()
    if name == "resend" and dead is not None:
        return {"pk": dead.pk}
    return {**ASKED.get(name, {})}


def _list(name: str) -> str:
    query = f"?{urlencode({'show': 'firing'})}" if name == "alert" else ""
    return reverse(f"admin:{APP}_{name}_changelist") + query


def _of_row(name: str, end: str, pk: object) -> str:
    return reverse(f"admin:{APP}_{name}_{end}", args=[pk])


def _row(model, name: str):
    wanted = model.objects.filter(**WANTED.get(name, {}))
    return wanted.order_by("-pk").first() or model.objects.order_by("-pk").first()
