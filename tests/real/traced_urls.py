"""The test site's addresses, and one whose request leads to a task, to queries and to a node."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from tests.real import celery_app
from zerostate_monitoring.conf import conf
from zerostate_monitoring.instrumentation import economic
from zerostate_monitoring.models import Node
from zerostate_monitoring.tasks import collect_nodes

# Whoever sends needs to know the broker.
assert celery_app.app is not None


def pay(request: HttpRequest, name: str) -> HttpResponse:
    """Pay, count the nodes, and have them scraped."""
    with economic.payment(2.5, channel_id="channel-7"):
        count = Node.objects.filter(enabled=True).exclude(name="o'brien").count()
    collect_nodes.apply_async(kwargs={"forced": True}, queue=conf.QUEUE)
    return HttpResponse(f"{name} {count}")


def fails(request: HttpRequest) -> HttpResponse:
    """Fail with what nobody may read."""
    with economic.payment(1, channel_id="channel-8") as payment:
        payment.fail("insufficient_funds")
    raise LookupError("the secret is hunter2")


urlpatterns = [
    path("pay/<str:name>/", pay),
    path("fails/", fails),
    path("", include("tests.urls")),
]
