"""Addresses of the test suite: what the README tells a project to write, and the admin."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("zerostate_monitoring.urls")),
    path("prometheus/", include("django_prometheus.urls")),
]
