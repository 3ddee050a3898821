"""Where the app is mounted."""

from __future__ import annotations

import importlib

import pytest
from django.urls import reverse

from zerostate_monitoring import urls


@pytest.fixture
def routes(settings):
    """The routes as they are with a setting."""

    def read(path):
        settings.ZEROSTATE_MONITORING_API_PATH = path
        importlib.reload(urls)
        return [str(route.pattern) for route in urls.urlpatterns if route not in urls.probes]

    yield read
    del settings.ZEROSTATE_MONITORING_API_PATH
    importlib.reload(urls)


def test_query_api__is_where_the_setting_says(routes):
    """Its own root answers, too, unless that is the project's."""
    runbooks = ("runbooks/", "runbooks/<slug:name>/")
    api = ("alertmanager/webhook", "http_sd/nodes", "<path:endpoint>")
    below = (*(f"api/v1/{place}" for place in api), *runbooks)
    assert routes("a/b/") == ["metrics", *(f"a/b/{place}" for place in below), "a/b/"]
    assert routes("") == ["metrics", *below]


def test_query_api__has_a_name():
    """For templates and tests of the project."""
    address = reverse("zerostate_monitoring:query_api", kwargs={"endpoint": "query"})
    assert address == "/monitoring/api/v1/query"


LOGIN = "django.contrib.auth.middleware.LoginRequiredMiddleware"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    ["/metrics", "/health", "/health/live", "/health/ready", "/health/startup", "/healthz",
     "/livez", "/readyz", "/monitoring/", "/monitoring/api/v1/query?query=1",
     "/monitoring/api/v1/http_sd/nodes", "/monitoring/api/v1/alertmanager/webhook",
     "/monitoring/runbooks/"],
)  # fmt: skip
def test_addresses__are_no_pages_to_log_in_for(client, settings, path):
    """A project that wants a login everywhere sends no probe and no scrape to its form.

    A kubelet takes a redirect for a success, and Prometheus the form for a page.
    """
    before = client.get(path)
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, LOGIN]
    after = client.get(path)
    assert after.status_code == before.status_code not in {301, 302}
    assert "login" not in after.headers.get("Location", "")
