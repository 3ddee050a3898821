"""Admin, /metrics, and one view of the example's own."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from example_project.network.views import agents

urlpatterns = [
    path("", RedirectView.as_view(url="/admin/")),
    path("admin/", admin.site.urls),
    path("api/agents", agents),
    path("", include("zerostate_monitoring.urls")),
]
