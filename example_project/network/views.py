"""A view that a client of the platform would call; two fault switches act on it."""

from __future__ import annotations

import time

from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse, JsonResponse

from example_project.network.switches import switches

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
