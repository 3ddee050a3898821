"""A value for Django's LOGGING: one handler, one formatter, one filter."""

from __future__ import annotations

import logging.config
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.logs.once import DJANGO, SERVER
from zerostate_monitoring.logs.optional import needed
from zerostate_monitoring.logs.sampling import FIRST, THEN_EVERY
from zerostate_monitoring.logs.security import LOGGER as SECURITY

Form = Literal["json", "console"]
_FORMS: Final = ("json", "console")
_NAME: Final = "zerostate"
_ONCE: Final = "zerostate_once"


def logging_settings(
    form: Form = "json",
    *,
    level: str = "INFO",
    levels: Mapping[str, str] | None = None,
    service: str = "",
    environment: str = "",
    first: int = FIRST,
    then_every: int = THEN_EVERY,
    redact_keys: Sequence[str] = (),
    redact_patterns: Sequence[str] = (),
    otlp: bool = False,
) -> dict[str, Any]:
    """LOGGING: every line of every logger goes to standard error, structured.

    ``form`` is ``json`` for programs or ``console`` for people; ``levels`` are those of
    single loggers. Of each event the ``first`` of a second are written, then every
    ``then_every``th; ``first=0`` writes all. ``redact_keys`` are words of keys whose values
    are secret, beside the known ones, ``redact_patterns`` regular expressions of secrets.
    With ``otlp`` each line also goes to the ``LoggerProvider`` of OpenTelemetry.

    Raises:
        ConfigurationError: the extra ``logs`` is not installed, or an argument is wrong.
    """
    for name in ("structlog", "django_structlog", *(["opentelemetry._logs"] if otlp else [])):
        needed(name)
    _check(form, {"level": level, **(levels or {})}, first=first, then_every=then_every)
    line = {
        "form": form,
        "always": {"service": service, "environment": environment},
        "redact_keys": tuple(redact_keys),
        "redact_patterns": tuple(redact_patterns),
        "otlp": otlp,
    }
    chosen = {"first": first, "then_every": then_every}
    return _fragment(line, chosen, level, levels or {})


def _fragment(
    line: Mapping[str, Any], chosen: Mapping[str, int], level: str, levels: Mapping[str, str]
) -> dict[str, Any]:
    handler = {"class": "logging.StreamHandler", "formatter": _NAME, "filters": [_NAME]}
    own = {name: {**_QUIET.get(name, {}), "level": word} for name, word in levels.items()}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {_NAME: {"()": "zerostate_monitoring.logs.chain.formatter", **line}},
        "filters": {
            _NAME: {"()": "zerostate_monitoring.logs.sampling.EventFilter", **chosen},
            _ONCE: {"()": "zerostate_monitoring.logs.once.OnceFilter"},
        },
        "handlers": {_NAME: handler},
        "root": {"handlers": [_NAME], "level": level},
        "loggers": {**_QUIET, **own},
    }


# Django gives two of these handlers of their own, so their lines would come twice or
# unstructured; what two say of an answer the line of its request says, too.
_QUIET: Final[Mapping[str, Mapping[str, Any]]] = {
    "django": {"handlers": [], "level": "INFO", "propagate": True},
    SERVER: {"handlers": [], "level": "INFO", "propagate": True, "filters": [_ONCE]},
    DJANGO: {"filters": [_ONCE]},
    # Of its own, so that nobody who makes the root quiet hides what he does next.
    SECURITY: {"level": "INFO"},
}


def _check(form: str, levels: Mapping[str, str], **numbers: int) -> None:
    if form not in _FORMS:
        raise ConfigurationError(f"form must be one of {', '.join(_FORMS)}, not {form!r}")
    known = logging.getLevelNamesMapping()
    for name, word in levels.items():
        if word not in known:
            raise ConfigurationError(
                f"level of {name!r} must be one of {', '.join(sorted(known))}, not {word!r}"
            )
    for name, number in numbers.items():
        least = 0 if name == "first" else 1
        if type(number) is not int or number < least:
            raise ConfigurationError(f"{name} must be a whole number from {least}, not {number!r}")


def configure(form: Form = "json", **options: Any) -> None:
    """Set logging up at once, as ``logging_settings`` says: for programs without Django.

    Raises:
        ConfigurationError: as ``logging_settings``.
    """
    logging.config.dictConfig(logging_settings(form, **options))
