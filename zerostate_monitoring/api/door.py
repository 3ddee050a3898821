"""From Django's request to an endpoint, and back."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.middleware.csrf import CsrfViewMiddleware

from zerostate_monitoring.api import access, encoding, endpoints
from zerostate_monitoring.api.errors import ApiError, bad_data, from_failure, from_query
from zerostate_monitoring.api.question import Question
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import MonitoringError, QueryError
from zerostate_monitoring.promql.querier import Querier
from zerostate_monitoring.querying import querier

logger = logging.getLogger(__name__)

_TYPE: Final = "application/json"
_SWITCHED_OFF: Final = "ZEROSTATE_MONITORING_ENABLED is False: nothing is collected"
_NO_MEMORY: Final = (
    "the query takes more memory than there is: "
    "ask for fewer series, a shorter range or a larger step"
)
_BROKEN: Final = "an error of this app; the server's log has the traceback"


def respond(
    request: HttpRequest, path: str, asked_of: Callable[[], Querier] = querier
) -> HttpResponse:
    """Answer a request for the endpoint ``path``; whatever happens, in Prometheus's JSON."""
    return bounded(lambda: _answered(request, path, asked_of), path)


def bounded(answered: Callable[[], HttpResponse], endpoint: str) -> HttpResponse:
    """The answer, or the error that came in its way. The boundary of this room."""
    try:
        return answered()
    except Exception as error:
        for kinds, told in _TELLERS:
            if isinstance(error, kinds):
                return _refused(told(error))
        logger.exception("query_broken", extra={"endpoint": endpoint})
        return _refused(ApiError("internal", _BROKEN))


def _answered(request: HttpRequest, path: str, asked_of: Callable[[], Querier]) -> HttpResponse:
    let_in(request)
    endpoint = endpoints.find(path)
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers={"Allow": _allowed(endpoint)})
    if request.method not in endpoint.methods:
        response = _refused(ApiError("bad_data", f"{request.method} is not answered here", 405))
        response["Allow"] = _allowed(endpoint)
        return response
    if not conf.ENABLED:
        raise ApiError("unavailable", _SWITCHED_OFF)
    asked = Question(_parameters(request), time.time_ns() // 1_000_000)
    answer = endpoint.answer(asked_of(), asked)
    body = encoding.success(answer.data, answer.warnings, answer.infos)
    return HttpResponse(body, content_type=_TYPE)


def let_in(request: HttpRequest) -> None:
    """Let pass who may ask.

    Raises:
        ApiError: the caller is not known, may not ask, or may be sent by another site.
    """
    token, caller = conf.API_TOKEN, _caller(request)
    if access.by_token(caller, token):
        return
    access.check_session(caller, token)
    # The view is exempt for the sake of tokens; so sessions are checked here.
    with _as_text():
        refused = CsrfViewMiddleware(_unused).process_view(request, _unused, (), {})
    if refused is not None:
        raise access.csrf_refused()


def _unused(request: HttpRequest) -> HttpResponse:
    """Stand for the view where only the check is wanted."""
    return HttpResponse(status=204)


def _caller(request: HttpRequest) -> access.Caller:
    user = getattr(request, "user", None)
    return access.Caller(
        authorization=request.META.get("HTTP_AUTHORIZATION", ""),
        session_user=bool(user and user.is_authenticated),
        active_staff=bool(user and user.is_active and user.is_staff),
    )


def _parameters(request: HttpRequest) -> Mapping[str, Sequence[str]]:
    """The form's values before the address's."""
    form = _form(request) if request.method == "POST" else QueryDict()
    address = request.GET
    names = dict.fromkeys([*form, *address])
    return {name: [*form.getlist(name), *address.getlist(name)] for name in names}


def _form(request: HttpRequest) -> QueryDict:
    size = request.META.get("CONTENT_LENGTH") or "0"
    if size.isdecimal() and int(size[:18]) > conf.API_MAX_BYTES:
        raise _too_large()
    with _as_text():
        return request.POST


@contextmanager
def _as_text() -> Iterator[None]:
    try:
        yield
    except (LookupError, UnicodeError) as error:
        raise bad_data("the form's charset cannot be read: send UTF-8") from error


def _too_large(error: RequestDataTooBig | None = None) -> ApiError:
    return ApiError("bad_data", f"a request may have {conf.API_MAX_BYTES} bytes, and no more", 413)


def _allowed(endpoint: endpoints.Endpoint) -> str:
    return ", ".join(sorted((*endpoint.methods, "OPTIONS")))


def _refused(error: ApiError) -> HttpResponse:
    response = HttpResponse(encoding.failure(error), status=error.status, content_type=_TYPE)
    if error.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="queries"'
    return response


def _not_answered(error: MonitoringError) -> ApiError:
    logger.warning("query_not_answered", extra={"error": str(error)})
    return from_failure(error)


def _no_database(error: DatabaseError) -> ApiError:
    logger.warning("query_not_answered", extra={"error": type(error).__name__})
    return ApiError("unavailable", "the database does not answer")


def _unreadable(error: Exception) -> ApiError:
    return bad_data(f"the parameters cannot be read: {error}")


def _too_much(error: MemoryError) -> ApiError:
    logger.warning("query_not_answered", extra={"error": "MemoryError"})
    return ApiError("execution", _NO_MEMORY)


_TELLERS: Final[tuple[tuple[type[Exception], Callable[[Any], ApiError]], ...]] = (
    (ApiError, lambda error: error),
    (QueryError, from_query),
    (MonitoringError, _not_answered),
    (DatabaseError, _no_database),
    (RequestDataTooBig, _too_large),
    (SuspiciousOperation, _unreadable),
    (BadRequest, _unreadable),
    (MultiPartParserError, _unreadable),
    (UnreadablePostError, _unreadable),
    (MemoryError, _too_much),
)
"""How each kind of error is told, the narrower ones first."""
