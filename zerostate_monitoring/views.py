"""The page and the query API over HTTP."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from zerostate_monitoring.alerting import runbooks
from zerostate_monitoring.api.alertmanager import receive
from zerostate_monitoring.api.discovery import discover
from zerostate_monitoring.api.door import bounded, let_in, respond
from zerostate_monitoring.collectors import COLLECTORS
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import MonitoringError
from zerostate_monitoring.exposition.access import Caller, Policy, refusal
from zerostate_monitoring.exposition.answers import counting
from zerostate_monitoring.exposition.negotiation import CONTENT_TYPES, accepts_gzip, negotiate
from zerostate_monitoring.exposition.page import PageCache
from zerostate_monitoring.exposition.recording import refused
from zerostate_monitoring.exposition.response import PageResponse
from zerostate_monitoring.exposition.selection import Selection, unknown
from zerostate_monitoring.exposition.substitute import process_page
from zerostate_monitoring.health.answering import detail
from zerostate_monitoring.health.asking import patiently
from zerostate_monitoring.instrumentation.security import token_refused
from zerostate_monitoring.storage.store import Store, current_store

logger = logging.getLogger(__name__)

_DISABLED: Final = b"# ZEROSTATE_MONITORING_ENABLED is False: nothing is collected.\n"


@login_not_required
@csrf_exempt
@never_cache
def query_api(request: HttpRequest, endpoint: str) -> HttpResponse:
    """Answer what Prometheus's HTTP API would; sessions are checked for CSRF behind it."""
    return _told(request, respond(request, endpoint))


@login_not_required
@csrf_exempt
@never_cache
def alertmanager_webhook(request: HttpRequest) -> HttpResponse:
    """Take what an Alertmanager tells; its bearer token stands in for CSRF's."""
    return _told(request, receive(request))


@login_not_required
@require_safe
@never_cache
def node_targets(request: HttpRequest) -> HttpResponse:
    """Tell a Prometheus which nodes it is to scrape, in the JSON of its ``http_sd``."""
    return _told(request, discover(request))


@login_not_required
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
        if refused:
            return _told(request, _plain(refused.reason, refused.status))
        return _answer(request)
    except (MonitoringError, TypeError, ValueError) as error:
        # A setting holds what `manage.py check` would have refused.
        logger.exception("page_misconfigured")
        text = f"A setting of ZEROSTATE_MONITORING cannot be used ({type(error).__name__})"
        return _plain(f"{text}; run manage.py check on the server.", 500)


def _told(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer; the log of security is told where credentials were sent, and refused."""
    if response.status_code in {401, 403} and "HTTP_AUTHORIZATION" in request.META:
        token_refused(request)
    return response


@login_not_required
@require_safe
@never_cache
def health(request: HttpRequest) -> HttpResponse:
    """Tell of every component; to who may ask the query API.

    A session stands in the database, which may hang: it is waited for as for a component.
    """
    return bounded(lambda: patiently(request, lambda: let_in(request), detail), "health")


@login_not_required
@require_safe
def runbook(request: HttpRequest, name: str = "") -> HttpResponse:
    """Show what to do about a built-in alert: to anybody, for it tells of no installation."""
    page = runbooks.page_of(name) if name else runbooks.index()
    if page is None:
        raise Http404
    title = name or _("Runbooks")
    context = {**admin.site.each_context(request), "title": title, "name": name, "page": page}
    # It says nothing to somebody who has not logged in.
    context["is_nav_sidebar_enabled"] = False
    return render(request, "zerostate_monitoring/runbook.html", context)


def _answer(request: HttpRequest) -> HttpResponse:
    if request.GET.get("scope") == "process":
        return process_page(request)
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
    pieces = pages.page(
        store.snapshot(),
        kind,
        compressed=compressed,
        selection=selection,
        told=counting(request.headers.get("User-Agent", "")),
    )
    response = PageResponse(pieces, content_type=CONTENT_TYPES[kind])
    if request.method == "HEAD":
        response.leave_body_out()
    response["Vary"] = "Accept, Accept-Encoding"
    if compressed:
        response["Content-Encoding"] = "gzip"
    return response


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


@login_not_required
def metrics_or_own(request: HttpRequest) -> HttpResponse:
    """The merged page, or django-prometheus's while this app is switched off."""
    return metrics(request) if conf.ENABLED else process_page(request)
