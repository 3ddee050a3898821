"""What settings and OpenTelemetry's own variables ask for; pure but for reading them.

A setting of the project goes first, then a variable, then what is written here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from zerostate_monitoring.conf import Settings

DEFAULT_RATIO: Final = 0.1
DEFAULT_NAME: Final = "zerostate-monitoring"
HTTP: Final = "http/protobuf"
GRPC: Final = "grpc"
_PATH: Final = "/v1/traces"
_RESOURCE: Final = "OTEL_RESOURCE_ATTRIBUTES"
_RATIOS: Final = {"always_on": 1.0, "always_off": 0.0}


@dataclass(frozen=True, slots=True)
class Wishes:
    """How traces are recorded. ``endpoint`` is empty where a variable or the default says it."""

    service_name: str
    endpoint: str
    protocol: str
    ratio: float
    trusts_callers: bool
    exports: bool


def wishes(settings: Settings, environment: Mapping[str, str]) -> Wishes:
    """What is asked for."""
    protocol = _protocol(settings.TRACING_PROTOCOL, environment)
    return Wishes(
        service_name=settings.TRACING_SERVICE_NAME
        or environment.get("OTEL_SERVICE_NAME", "")
        or _resource(environment, "service.name")
        or DEFAULT_NAME,
        endpoint=_endpoint(settings.TRACING_ENDPOINT, protocol),
        protocol=protocol,
        ratio=_ratio(settings.TRACING_SAMPLE_RATIO, environment),
        trusts_callers=settings.TRACING_TRUST_CALLERS,
        exports=_exports(environment),
    )


def _resource(environment: Mapping[str, str], wanted: str) -> str:
    """What ``OTEL_RESOURCE_ATTRIBUTES`` says of one attribute."""
    pairs = (pair.partition("=") for pair in environment.get(_RESOURCE, "").split(","))
    return next((unquote(value.strip()) for key, _, value in pairs if key.strip() == wanted), "")


def _protocol(setting: str, environment: Mapping[str, str]) -> str:
    asked = (
        setting
        or environment.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
        or environment.get("OTEL_EXPORTER_OTLP_PROTOCOL", "")
    )
    return GRPC if asked.strip().lower() == GRPC else HTTP


def _endpoint(setting: str, protocol: str) -> str:
    """The address of a collector, as its exporter wants it: HTTP has a path, gRPC has none."""
    address = setting.rstrip("/")
    if not address or protocol == GRPC or address.endswith(_PATH):
        return address
    return address + _PATH


def _ratio(setting: float | None, environment: Mapping[str, str]) -> float:
    if setting is not None:
        return _bounded(setting)
    name = environment.get("OTEL_TRACES_SAMPLER", "").strip().lower().removeprefix("parentbased_")
    if name in _RATIOS:
        return _RATIOS[name]
    try:
        return _bounded(float(environment.get("OTEL_TRACES_SAMPLER_ARG", "")))
    except ValueError:
        # Who names this sampler and no share means all: so OpenTelemetry has it.
        return 1.0 if name == "traceidratio" else DEFAULT_RATIO


def _bounded(ratio: float) -> float:
    return DEFAULT_RATIO if math.isnan(ratio) else min(max(ratio, 0.0), 1.0)


def _exports(environment: Mapping[str, str]) -> bool:
    is_disabled = environment.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    return not is_disabled and environment.get("OTEL_TRACES_EXPORTER", "").strip() != "none"
