"""The page over HTTP."""

from __future__ import annotations

import gzip

import pytest
from django.test import Client

from tests.storage.frames import gauge, write
from zerostate_monitoring.exposition.response import PageResponse

TEXT = "text/plain; version=0.0.4; charset=utf-8"


@pytest.fixture
def page(store):
    """A client, with one gauge in the store."""
    write(store, "collector:test", gauge({"x": 1.5}))
    return Client()


def test_metrics__shows_the_stores_frames(page):
    """What collectors wrote stands on the page, with the length said before."""
    response = page.get("/metrics")
    assert (response.status_code, response["Content-Type"]) == (200, TEXT)
    assert b'zerostate_test{key="x"} 1.5\n' in response.content
    assert response["Content-Length"] == str(len(response.content))
    assert "no-store" in response["Cache-Control"]


def test_metrics__openmetrics(page):
    """OpenMetrics by Accept, with its end."""
    response = page.get("/metrics", headers={"accept": "application/openmetrics-text"})
    assert response["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert response.content.endswith(b"# EOF\n")


def test_metrics__gzip(page):
    """gzip by Accept-Encoding; caches are told that it depends."""
    response = page.get("/metrics", headers={"accept-encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    assert b"zerostate_test" in gzip.decompress(response.content)
    assert response["Vary"] == "Accept, Accept-Encoding"


def test_metrics__head(page):
    """HEAD has the headers of GET and no body."""
    response = page.head("/metrics")
    assert (response.status_code, response.content) == (200, b"")
    assert response["Content-Length"] == page.get("/metrics")["Content-Length"]


def test_response__can_be_appended_to():
    """A middleware that writes to the response finds an ordinary one."""
    response = PageResponse((b"a\n", b"b\n"))
    response.write("c\n")
    assert (response.content, response["Content-Length"]) == (b"a\nb\nc\n", "6")


def test_metrics__refuses_other_methods(page):
    """A scrape reads."""
    assert page.post("/metrics").status_code == 405


def test_metrics__filters(page):
    """name[] and collect[] ask for a part, also compressed."""
    part = page.get("/metrics?name[]=zerostate_test").content
    header = b"# HELP zerostate_test Test.\n# TYPE zerostate_test gauge\n"
    assert part == header + b'zerostate_test{key="x"} 1.5\n'
    zipped = page.get("/metrics?name[]=zerostate_test", headers={"accept-encoding": "gzip"})
    assert gzip.decompress(zipped.content) == part
    assert b"zerostate_test" not in page.get("/metrics?collect[]=self").content


def test_metrics__unknown_collector_is_named(page):
    """A typing error in a scrape configuration is told, with the names there are."""
    response = page.get("/metrics?collect[]=economical")
    assert response.status_code == 400
    assert b"economical" in response.content
    names = b"health, live_alerts, monitoring, nodes, p2p, processes, recorded, self."
    assert names in response.content


@pytest.mark.parametrize("query", ["collect[]=", "collect[]=nodes&collect[]=", "collect[]"])
def test_metrics__an_empty_collector_is_told(page, query):
    """A parameter without a value asks for nothing; what could be asked for is said."""
    response = page.get(f"/metrics?{query}")
    assert response.status_code == 400
    assert b"collect[] is empty" in response.content
    assert b"There are: alerting, celery, economic, " in response.content


def test_metrics__process_scope(page):
    """scope=process is django-prometheus's view of the answering process."""
    response = page.get("/metrics?scope=process")
    assert b"python_info" in response.content
    assert b"zerostate_test" not in response.content
    assert page.get("/metrics?scope=all").status_code == 200
    assert page.get("/metrics?scope=cluster").status_code == 400


def test_metrics__holds_nothing_of_the_default_registry(page):
    """The answering process's own instruments are not on the merged page."""
    assert b"python_info" not in page.get("/metrics").content


def test_metrics__refused(page, settings):
    """A token that is wrong is a 401 that says which scheme; strangers get a 403."""
    assert page.get("/metrics", REMOTE_ADDR="10.0.0.1").status_code == 403
    settings.ZEROSTATE_MONITORING_METRICS_TOKEN = "t"
    response = page.get("/metrics", headers={"authorization": "Bearer u"})
    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer realm="metrics"')
    assert page.get("/metrics", headers={"authorization": "Bearer t"}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"x-real-ip": "127.0.0.1"},
        {"forwarded": "for=127.0.0.1"},
        {"via": "1.1 proxy"},
        {"x-forwarded-host": "example.org"},
        {"x-forwarded-proto": "https"},
        {"x-forwarded-port": "443"},
        {"x-forwarded-server": "proxy"},
        {"x-forwarded-ssl": "on"},
        {"x-forwarded-for": ""},
        {"x-forwarded": "for=127.0.0.1"},
        {"x-client-ip": "127.0.0.1"},
        {"true-client-ip": "127.0.0.1"},
        {"cf-connecting-ip": "127.0.0.1"},
    ],
)
def test_metrics__a_proxy_is_no_loopback(page, headers):
    """Whatever tells that a proxy stands before, the caller is not taken for this machine."""
    assert page.get("/metrics", headers=headers).status_code == 403


@pytest.mark.parametrize(
    ("forwarded", "status"),
    [
        ("10.1.1.1", 200),
        ("8.8.8.8, 10.1.1.1", 200),
        ("10.1.1.1, 127.0.0.1", 200),
        ("8.8.8.8", 403),
        ("10.1.1.1, 8.8.8.8", 403),
        ("nonsense", 403),
    ],
)
def test_metrics__behind_a_trusted_proxy_the_reader_counts(page, settings, forwarded, status):
    """The nearest address that is not a trusted proxy's must be in the allowed networks."""
    settings.ZEROSTATE_MONITORING_METRICS_ALLOWED_NETWORKS = ["10.0.0.0/8"]
    settings.ZEROSTATE_MONITORING_TRUSTED_PROXIES = ["127.0.0.1/32"]
    headers = {"x-forwarded-for": forwarded}
    assert page.get("/metrics", headers=headers).status_code == status
    assert page.get("/metrics").status_code == 403


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("METRICS_ALLOWED_NETWORKS", "10.0.0.0/8"),
        ("TRUSTED_PROXIES", ["nonsense"]),
        ("REDIS_URL", "redis://:s3c/ret@h:1/0"),
        ("REDIS_OPTIONS", {"nonsense": 1}),
        ("EXTERNAL_LABELS", {"a b": "c"}),
    ],
)
def test_metrics__a_wrong_setting_is_told(page, settings, name, value):
    """No exception page, and nothing of the setting's value: what to run next."""
    setattr(settings, f"ZEROSTATE_MONITORING_{name}", value)
    headers = {"x-forwarded-for": "10.0.0.1"} if name == "TRUSTED_PROXIES" else {}
    response = page.get("/metrics", headers=headers)
    assert response.status_code == 500
    assert b"manage.py check" in response.content
    assert b"s3c" not in response.content


def test_metrics__an_unset_token_is_no_token(page, settings):
    """None, as an absent environment variable gives it, does not become a password."""
    settings.ZEROSTATE_MONITORING_METRICS_TOKEN = None
    headers = {"authorization": "Bearer None"}
    assert page.get("/metrics", headers=headers, REMOTE_ADDR="8.8.8.8").status_code == 403


def test_metrics__without_store():
    """No store: still 200, and the page says so."""
    response = Client().get("/metrics")
    assert response.status_code == 200
    assert b"zerostate_monitoring_store_up 0.0\n" in response.content


def test_metrics__disabled(page, settings):
    """Switched off, the page is empty but for the reason."""
    settings.ZEROSTATE_MONITORING_ENABLED = False
    response = page.get("/metrics")
    assert response.status_code == 200
    assert response.content.startswith(b"# ZEROSTATE_MONITORING_ENABLED is False")


@pytest.mark.parametrize("multiprocess", [False, True])
def test_django_prometheus_urls__serve_this_page(page, monkeypatch, tmp_path, multiprocess):
    """A project that mounts django_prometheus.urls has the same page, multiprocess or not."""
    if multiprocess:
        monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    body = page.get("/prometheus/metrics").content
    assert body == page.get("/metrics").content


def test_django_prometheus_urls__go_back_when_disabled(page, settings):
    """Switched off, django-prometheus answers as if this app were not there."""
    settings.ZEROSTATE_MONITORING_ENABLED = False
    assert b"python_info" in page.get("/prometheus/metrics").content
