"""The probes over HTTP: three that anybody may ask, and the detail for who may see it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from zerostate_monitoring.conf import conf
from zerostate_monitoring.health import process
from zerostate_monitoring.health.registry import CHECKS, PROCESS, Check
from zerostate_monitoring.health.running import BUDGET_SECONDS, runner
from zerostate_monitoring.health.states import (
    CODES,
    Component,
    Outcome,
    Probe,
    Status,
    unknown,
    verdict,
)


@login_not_required
@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    """Whether this process answers. Nothing is asked, so nothing can be the matter."""
    return answer(Probe.LIVE, [])


@login_not_required
@require_safe
@never_cache
def startup(request: HttpRequest) -> HttpResponse:
    """Whether the start is finished."""
    return answer(Probe.STARTUP, [_process(process.started())])


@login_not_required
@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """Whether this process is to be sent requests. What is wrong is told by ``detail`` alone."""
    names = [name for name in conf.HEALTH_CRITICAL if name != PROCESS]
    return answer(Probe.READY, examined(names), is_public=True)


def detail(budget: float = BUDGET_SECONDS) -> HttpResponse:
    """All components, with what is the matter. Who may see it is the caller's business."""
    return answer(Probe.DETAIL, everything(budget))


PROBES: Final = (live, startup, ready)
"""Views that need no middleware before them."""


def begin() -> None:
    """Let all checks run that are due; they are waited for by whoever asks next."""
    runner().ask(list(CHECKS.values()), 0.0)


def everything(budget: float = BUDGET_SECONDS) -> list[Component]:
    """All components: the process, the checks, and critical ones that nobody has registered."""
    return examined(
        [*CHECKS, *(name for name in conf.HEALTH_CRITICAL if name not in CHECKS)], budget
    )


def examined(names: Sequence[str], budget: float = BUDGET_SECONDS) -> list[Component]:
    """The process, and the components of these names."""
    critical = set(conf.HEALTH_CRITICAL)
    # Each once, though a setting may say a name twice.
    checks = [CHECKS[name] for name in dict.fromkeys(names) if name in CHECKS]
    missing = [_missing(name) for name in dict.fromkeys(names) if name not in CHECKS]
    found = [*_asked(checks, budget), *missing]
    return [
        _process(process.present(conf.HEALTH_DRAIN_FILE)),
        *(_marked(component, critical) for component in found if component.name != PROCESS),
    ]


def _asked(checks: Sequence[Check], budget: float) -> list[Component]:
    return runner().ask(checks, budget) if checks else []


def _marked(component: Component, critical: set[str]) -> Component:
    is_critical = component.name in critical
    return Component(
        component.name, component.outcome, component.at, component.seconds, is_critical
    )


def _process(outcome: Outcome) -> Component:
    return Component(PROCESS, outcome, datetime.now(UTC).timestamp(), 0.0, critical=True)


def _missing(name: str) -> Component:
    message = "ZEROSTATE_MONITORING_HEALTH_CRITICAL names it, and no check is called so"
    return Component(name, unknown(message), datetime.now(UTC).timestamp(), 0.0)


# -- as JSON -----------------------------------------------------------------


def answer(
    probe: Probe, components: Sequence[Component], *, is_public: bool = False
) -> HttpResponse:
    """The answer to a probe; in public nobody is told what the matter is."""
    status = verdict(components)
    body = {
        "status": status.value,
        "timestamp": written(datetime.now(UTC).timestamp()),
        "components": {
            component.name: as_json(component, is_public=is_public) for component in components
        },
    }
    return _quiet(JsonResponse(body, status=CODES[probe, status]))


def _quiet(response: HttpResponse) -> HttpResponse:
    """Django writes a line for each 503; changes have their own, and probes come every second."""
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 - Django's mark
    return response


def as_json(component: Component, *, is_public: bool = False) -> dict[str, Any]:
    """One component; times are UTC, and ``duration_ms`` is milliseconds."""
    is_told = not is_public or component.name == PROCESS
    return {
        "status": component.status.value,
        "critical": component.critical,
        "message": component.outcome.message if is_told else "",
        "timestamp": written(component.at),
        "duration_ms": round(component.seconds * 1000, 3),
        "metadata": dict(component.outcome.metadata) if is_told else {},
    }


def written(at: float) -> str:
    """A time as ISO 8601, in UTC, with milliseconds."""
    text = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def unavailable(reason: str) -> HttpResponse:
    """Where it is not known whether the caller may see the detail: what anybody may, and why."""
    names = [name for name in conf.HEALTH_CRITICAL if name != PROCESS]
    components = {one.name: as_json(one, is_public=True) for one in examined(names, 0.0)}
    body = {
        "status": Status.UNKNOWN.value,
        "timestamp": written(datetime.now(UTC).timestamp()),
        "message": reason,
        "components": components,
    }
    return _quiet(JsonResponse(body, status=HTTPStatus.SERVICE_UNAVAILABLE))
