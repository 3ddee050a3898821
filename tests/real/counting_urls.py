"""The test site's addresses, and one that counts."""

from __future__ import annotations

from django.urls import include, path

from tests.real.counting import hit

urlpatterns = [
    path("hit", hit),
    path("", include("tests.urls")),
]
