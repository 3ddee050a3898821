"""The page over HTTP."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_prometheus import exports

from zerostate_monitoring.collectors import COLLECTORS
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.exposition import (
    CONTENT_TYPES,
    Caller,
    PageCache,
    PageResponse,
    Policy,
    Selection,
    accepts_gzip,
    negotiate,
    refusal,
    refused_processes,
    unknown,
)
from zerostate_monitoring.storage.snapshot import Snapshot
from zerostate_monitoring.storage.store import Store, current_store

logger = logging.getLogger(__name__)

_DISABLED: Final = b"# ZEROSTATE_MONITORING_ENABLED is False: nothing is collected.\n"

_process_page: Final = exports.ExportToDjangoView
"""django-prometheus's own view, which tells of the answering process alone."""


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer a scrape.

    ``name[]`` and ``collect[]`` ask for a part; ``scope=process`` asks for what
    django-prometheus would answer. The format follows ``Accept``, gzip
    ``Accept-Encoding``. Without a store the answer is still 200, and says so.
    """
    if not conf.ENABLED:
        return HttpResponse(_DISABLED, content_type="text/plain; charset=utf-8")
    try:
        refused = refusal(_caller(request.META), _policy())
        return _plain(refused.reason, refused.status) if refused else _answer(request)
    except (MonitoringError, TypeError, ValueError) as error:
        # A setting holds what `manage.py check` would have refused.
        logger.exception("page_misconfigured")
        text = f"A setting of ZEROSTATE_MONITORING cannot be used ({type(error).__name__})"
        return _plain(f"{text}; run manage.py check on the server.", 500)


def _answer(request: HttpRequest) -> HttpResponse:
    if request.GET.get("scope") == "process":
        return _process_scope(request)
    complaint = _complaint(request.GET)
    return _plain(complaint, 400) if complaint else _page(request)


def _complaint(query: QueryDict) -> str:
    """What is wrong with the parameters; empty if nothing is."""
    if query.get("scope", "all") != "all":
        return "scope is 'process' or left out."
    known = ", ".join(sorted({*COLLECTORS, "nodes", "processes", "self"}))
    asked = query.getlist("collect[]")
    if "" in asked:
        return f"collect[] is empty: name a collector, or leave it out. There are: {known}."
    strange = list(unknown(asked, COLLECTORS))
    if strange:
        return f"No collector is called {', '.join(strange)}. There are: {known}."
    return ""


def _page(request: HttpRequest) -> HttpResponse:
    kind = negotiate(request.headers.get("Accept", ""))
    compressed = accepts_gzip(request.headers.get("Accept-Encoding", ""))
    selection = Selection(
        frozenset(request.GET.getlist("name[]")), frozenset(request.GET.getlist("collect[]"))
    )
    store = current_store()
    pages = _pages(store)
    pieces = pages.page(store.snapshot(), kind, compressed=compressed, selection=selection)
    response = PageResponse(pieces, content_type=CONTENT_TYPES[kind])
    if request.method == "HEAD":
        response.leave_body_out()
    response["Vary"] = "Accept, Accept-Encoding"
    if compressed:
        response["Content-Encoding"] = "gzip"
    return response


def _process_scope(request: HttpRequest) -> HttpResponse:
    answer: HttpResponse = _process_page(request)
    return answer


def _plain(text: str, status: int) -> HttpResponse:
    response = HttpResponse(f"{text}\n", status=status, content_type="text/plain; charset=utf-8")
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="metrics"'
    return response


# A proxy that sends one of these, but no X-Forwarded-For, hides for whom it asks.
_PROXY_HEADERS: Final = frozenset(
    {
        "HTTP_CF_CONNECTING_IP",
        "HTTP_FORWARDED",
        "HTTP_TRUE_CLIENT_IP",
        "HTTP_VIA",
        "HTTP_X_CLIENT_IP",
        "HTTP_X_REAL_IP",
    }
)
_FORWARDED: Final = "HTTP_X_FORWARDED"


def _caller(meta: Mapping[str, Any]) -> Caller:
    is_proxied = any(name in _PROXY_HEADERS or name.startswith(_FORWARDED) for name in meta)
    return Caller(
        remote_address=meta.get("REMOTE_ADDR") or "",
        forwarded_for=meta.get("HTTP_X_FORWARDED_FOR") or ("unknown" if is_proxied else ""),
        authorization=meta.get("HTTP_AUTHORIZATION", ""),
    )


def _policy() -> Policy:
    return Policy(
        token=conf.METRICS_TOKEN,
        networks=conf.METRICS_ALLOWED_NETWORKS,
        trusted_proxies=conf.TRUSTED_PROXIES,
        debug=settings.DEBUG,
    )


# -- one page cache for each store of this process ----------------------------

_caches: Final[WeakKeyDictionary[Store, PageCache]] = WeakKeyDictionary()


def _pages(store: Store) -> PageCache:
    """The pages of ``store``, whose snapshots alone have comparable revisions.

    A forked child has a store of its own, and so pages with a lock of their own.
    """
    cache = _caches.get(store)
    if cache is None:
        made = PageCache(COLLECTORS.intervals, lambda: conf.EXTERNAL_LABELS, refused)
        cache = _caches.setdefault(store, made)
    return cache


def refused(snapshot: Snapshot) -> frozenset[str]:
    """The producers that settings and operators keep from the page."""
    has_platform = bool(conf.PLATFORM_DATABASE)
    return refused_processes(snapshot, conf.FEED_ORDER, has_platform=has_platform)


def replace_django_prometheus_view() -> None:
    """Make ``django_prometheus.urls`` serve this page; its URL module is read after this."""
    exports.ExportToDjangoView = metrics_or_own


def metrics_or_own(request: HttpRequest) -> HttpResponse:
    """The merged page, or django-prometheus's while this app is switched off."""
    return metrics(request) if conf.ENABLED else _process_scope(request)
