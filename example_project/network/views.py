"""Views that a client of the platform would call; two fault switches act on the first."""

from __future__ import annotations

import time
from dataclasses import asdict

from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from kombu.exceptions import OperationalError

from example_project.network.orders.order import new_order
from example_project.network.switches import switches
from example_project.network.tasks import execute_order
from zerostate_monitoring.instrumentation import execution

SLOW_SECONDS = 1.0


def agents(request: HttpRequest) -> HttpResponse:
    """Answer how many agents there are by status; 503 while the platform cannot be read."""
    broken = switches().broken()
    if "api-slow" in broken:
        time.sleep(SLOW_SECONDS)
    if "api" in broken:
        return JsonResponse({"error": "internal"}, status=500)
    try:
        with connections["platform"].cursor() as cursor:
            cursor.execute("SELECT status, count(*) FROM agents GROUP BY status")
            counts = dict(cursor.fetchall())
    except DatabaseError:
        return JsonResponse({"error": "the platform cannot be read"}, status=503)
    return JsonResponse({"agents": counts})


@csrf_exempt
@require_POST
def orders(request: HttpRequest) -> HttpResponse:
    """Take an order: a worker does it and pays for it. 503 while the broker cannot be reached."""
    order = new_order()
    with execution.manifest_validation(task_id=order.number):
        manifest = asdict(order)
    execution.task_submitted()
    try:
        execute_order.apply_async(kwargs=manifest)
    except OperationalError:
        return JsonResponse({"error": "the broker cannot be reached"}, status=503)
    return JsonResponse({"order": order.number}, status=202)
