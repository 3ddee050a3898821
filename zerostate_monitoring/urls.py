"""``path("", include("zerostate_monitoring.urls"))`` gives the page, the query API and probes.

Where these addresses stand under a prefix, ``path("", include(probes))`` with ``probes`` of this
module puts the probes at the root as well.
"""

from __future__ import annotations

from django.urls import path

from zerostate_monitoring import views
from zerostate_monitoring.conf import conf
from zerostate_monitoring.health.answering import live, ready, startup

probes = [
    path("health", views.health, name="health"),
    path("health/live", live, name="live"),
    path("health/ready", ready, name="ready"),
    path("health/startup", startup, name="startup"),
    # What others call them.
    path("healthz", live, name="healthz"),
    path("livez", live, name="livez"),
    path("readyz", ready, name="readyz"),
]

app_name = "zerostate_monitoring"
urlpatterns = [
    path("metrics", views.metrics, name="metrics"),
    *probes,
    path(
        f"{conf.API_PATH}api/v1/alertmanager/webhook",
        views.alertmanager_webhook,
        name="alertmanager_webhook",
    ),
    path(f"{conf.API_PATH}api/v1/http_sd/nodes", views.node_targets, name="node_targets"),
    path(f"{conf.API_PATH}api/v1/<path:endpoint>", views.query_api, name="query_api"),
    path(f"{conf.API_PATH}runbooks/", views.runbook, name="runbooks"),
    path(f"{conf.API_PATH}runbooks/<slug:name>/", views.runbook, name="runbook"),
    # Clients ask for it to see whether somebody is there; the project's own root is not ours.
    *([path(conf.API_PATH, views.query_api, {"endpoint": ""})] if conf.API_PATH else []),
]
