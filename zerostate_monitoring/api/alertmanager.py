"""Alertmanager's webhook in: it tells, and this app keeps its alerts and history in step."""

from __future__ import annotations

import logging
import secrets
from dataclasses import asdict
from typing import Final

from django.core.exceptions import RequestDataTooBig
from django.db import DataError
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse, UnreadablePostError

from zerostate_monitoring.alerting.incoming import PayloadError, apply, read
from zerostate_monitoring.api import encoding
from zerostate_monitoring.api.errors import ApiError
from zerostate_monitoring.conf import conf
from zerostate_monitoring.instrumentation.families import counts

logger = logging.getLogger(__name__)

_TYPE: Final = "application/json"
_CHUNK: Final = 64 * 1024
_NOT_OPEN: Final = (
    "this webhook is not open: set ZEROSTATE_MONITORING_WEBHOOK_TOKEN, and send it as a bearer "
    "token (http_config.authorization.credentials in Alertmanager's receiver)"
)
_WRONG: Final = "this is not the bearer token of ZEROSTATE_MONITORING_WEBHOOK_TOKEN"
_OWN: Final = (
    "this installation evaluates its rules itself, so what an Alertmanager tells would be doubles: "
    "set ZEROSTATE_MONITORING_EVALUATE = False where Prometheus and Alertmanager do it"
)
_SWITCHED_OFF: Final = "ZEROSTATE_MONITORING_ENABLED is False"
_AWAY: Final = "the database does not answer; send it again"
_UNKEPT: Final = "the database keeps no such text or number"
_BROKEN: Final = "an error of this app; the server's log has the traceback"


_messages: Final = counts("zerostate_monitoring_alertmanager_messages_total")
_alerts: Final = counts("zerostate_monitoring_alertmanager_alerts_total")


def receive(request: HttpRequest) -> HttpResponse:
    """Answer an Alertmanager: 200 if its alerts stand here, an error that says what to do.

    It tries again what was answered with 5xx, and nothing else. Each answer is counted.
    """
    response = _answer(request)
    _messages[str(response.status_code)](1)
    return response


def _answer(request: HttpRequest) -> HttpResponse:
    try:
        _let_in(request)
        outcome = asdict(apply(read(_body(request))))
    except ApiError as error:
        return _refused(error)
    except PayloadError as error:
        return _refused(ApiError("bad_data", str(error)))
    except DataError:
        # Trying again would not help, and hold back all that comes after it.
        return _refused(ApiError("bad_data", _UNKEPT))
    except DatabaseError as error:
        logger.warning("webhook_not_applied", extra={"error": type(error).__name__})
        return _refused(ApiError("unavailable", _AWAY))
    except Exception:
        logger.exception("webhook_broken")
        return _refused(ApiError("internal", _BROKEN))
    for word, number in outcome.items():
        if number:
            _alerts[word](number)
    return HttpResponse(encoding.success(outcome), content_type=_TYPE)


def _let_in(request: HttpRequest) -> None:
    """Let pass who may tell.

    Raises:
        ApiError: nobody may, this caller may not, or there is nothing to be told here.
    """
    token = conf.WEBHOOK_TOKEN
    if not token:
        raise ApiError("not_found", _NOT_OPEN)
    scheme, _, given = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    same = secrets.compare_digest(given.strip().encode(errors="replace"), token.encode())
    if scheme.lower() != "bearer" or not same:
        raise ApiError("unauthorized", _WRONG)
    if request.method != "POST":
        raise ApiError("bad_data", f"{request.method} is not answered here; POST is", 405)
    if not conf.ENABLED:
        raise ApiError("unavailable", _SWITCHED_OFF)
    if conf.EVALUATE:
        raise ApiError("bad_data", _OWN, 409)


def _body(request: HttpRequest) -> bytes:
    """The body, of which no more is read than may be.

    Raises:
        ApiError: it is too large, or does not arrive.
    """
    most = conf.API_MAX_BYTES
    size = request.META.get("CONTENT_LENGTH") or "0"
    if size.isdecimal() and int(size[:18]) > most:
        raise _too_large(most)
    parts, left = list[bytes](), most
    try:
        while part := request.read(_CHUNK):
            parts.append(part)
            left -= len(part)
            if left < 0:
                raise _too_large(most)
    except (RequestDataTooBig, UnreadablePostError, OSError) as error:
        raise ApiError("bad_data", f"the body cannot be read: {error}") from error
    return b"".join(parts)


def _too_large(most: int) -> ApiError:
    return ApiError(
        "bad_data",
        f"a body may have {most} bytes (ZEROSTATE_MONITORING_API_MAX_BYTES), and no more; "
        "group alerts by more labels in Alertmanager's route, or raise that setting",
        413,
    )


def _refused(error: ApiError) -> HttpResponse:
    logger.warning("webhook_refused", extra={"status": error.status, "error": error.message})
    response = HttpResponse(encoding.failure(error), status=error.status, content_type=_TYPE)
    if error.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="webhook"'
    if error.status == 405:
        response["Allow"] = "POST"
    return response
