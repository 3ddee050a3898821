"""Admin, /metrics, and one view of the example's own."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from example_project.mailbox.views import mail, mailbox, page
from example_project.network.views import agents, orders

urlpatterns = [
    path("", RedirectView.as_view(url="/admin/")),
    path("admin/", admin.site.urls),
    path("api/agents", agents),
    path("api/orders", orders),
    path("", include("zerostate_monitoring.urls")),
]

# Where mail leaves for good there is no mailbox to look into.
if settings.EMAIL_BACKEND.startswith("example_project.mailbox."):
    urlpatterns += [
        path("mailbox/", mailbox, name="mailbox"),
        path("mailbox/<str:name>/", mail, name="mailbox_mail"),
        path("mailbox/<str:name>/page/", page, name="mailbox_page"),
    ]
