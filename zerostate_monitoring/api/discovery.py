"""Which nodes a Prometheus is to scrape, as its ``http_sd`` asks for it.

While this app scrapes the nodes there are none, so that no node is scraped by both. That is
an answer and no error: after an error a Prometheus goes on with the targets that it had.
"""

from __future__ import annotations

from typing import Final

import orjson
from django.http import HttpRequest, HttpResponse

from zerostate_monitoring.api.door import bounded, let_in
from zerostate_monitoring.api.errors import ApiError, bad_data
from zerostate_monitoring.collectors.record import is_disabled
from zerostate_monitoring.conf import conf
from zerostate_monitoring.generators.node_targets import nodes_of, targets
from zerostate_monitoring.generators.scrape_jobs import CREDENTIALS
from zerostate_monitoring.schedule import NODES

_TYPE: Final = "application/json"
_SWITCHED_OFF: Final = "ZEROSTATE_MONITORING_ENABLED is False: nothing is collected"


def discover(request: HttpRequest) -> HttpResponse:
    """Answer an ``http_sd`` of Prometheus; whoever may query may ask."""
    return bounded(lambda: _answered(request), "http_sd/nodes")


def _answered(request: HttpRequest) -> HttpResponse:
    let_in(request)
    if not conf.ENABLED:
        raise ApiError("unavailable", _SWITCHED_OFF)
    if strange := set(request.GET) - {CREDENTIALS}:
        raise bad_data(f"there is no parameter {min(strange)}; there is {CREDENTIALS}")
    key = request.GET.get(CREDENTIALS, "")
    found = targets(nodes_of(key)) if is_disabled(NODES) else []
    return HttpResponse(orjson.dumps(found), content_type=_TYPE)
