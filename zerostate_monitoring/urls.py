"""``path("", include("zerostate_monitoring.urls"))`` gives ``/metrics``."""

from __future__ import annotations

from django.urls import path

from zerostate_monitoring import views

app_name = "zerostate_monitoring"
urlpatterns = [path("metrics", views.metrics, name="metrics")]
