"""What is asked for: settings first, then OpenTelemetry's variables, then the defaults."""

from __future__ import annotations

import pytest

from zerostate_monitoring.conf import conf
from zerostate_monitoring.tracing.wishes import wishes


def test_wishes__are_a_tenth_over_http_by_default():
    """Nothing set: 10 %, OTLP over HTTP to where OpenTelemetry looks by itself."""
    asked = wishes(conf, {})
    assert (asked.ratio, asked.protocol, asked.endpoint) == (0.1, "http/protobuf", "")
    assert (asked.service_name, asked.trusts_callers, asked.exports) == (
        "zerostate-monitoring",
        True,
        True,
    )


@pytest.mark.parametrize(
    ("variables", "ratio"),
    [
        ({"OTEL_TRACES_SAMPLER": "always_off"}, 0.0),
        ({"OTEL_TRACES_SAMPLER": "parentbased_always_on"}, 1.0),
        ({"OTEL_TRACES_SAMPLER": "traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.5"}, 0.5),
        ({"OTEL_TRACES_SAMPLER": "parentbased_traceidratio"}, 1.0),
        ({"OTEL_TRACES_SAMPLER": "jaeger_remote"}, 0.1),
        ({"OTEL_TRACES_SAMPLER_ARG": "7"}, 1.0),
        ({"OTEL_TRACES_SAMPLER_ARG": "nan"}, 0.1),
        ({"OTEL_TRACES_SAMPLER_ARG": "much"}, 0.1),
    ],
)
def test_ratio__is_read_from_variables(variables, ratio):
    """OpenTelemetry's own words; what is no number is as if it were not there."""
    assert wishes(conf, variables).ratio == ratio


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ({"OTEL_RESOURCE_ATTRIBUTES": "a=b, service.name=shop%20one"}, "shop one"),
        ({"OTEL_RESOURCE_ATTRIBUTES": "service.name=shop", "OTEL_SERVICE_NAME": "web"}, "web"),
        ({"OTEL_RESOURCE_ATTRIBUTES": "=,,service.name"}, "zerostate-monitoring"),
    ],
)
def test_name__is_read_from_variables(variables, name):
    """The variable of its own goes first, as OpenTelemetry says."""
    assert wishes(conf, variables).service_name == name


@pytest.mark.parametrize("ratio", [0, 0.25, 1])
def test_ratio__is_the_settings_where_it_is_set(settings, ratio):
    """0 is set, too: it means none, not all."""
    settings.ZEROSTATE_MONITORING_TRACING_SAMPLE_RATIO = ratio
    assert wishes(conf, {"OTEL_TRACES_SAMPLER": "always_on"}).ratio == ratio


def test_endpoint__has_its_path_over_http_and_none_over_grpc(settings):
    """One setting for both: the address of the collector."""
    settings.ZEROSTATE_MONITORING_TRACING_ENDPOINT = "http://jaeger:4318/"
    assert wishes(conf, {}).endpoint == "http://jaeger:4318/v1/traces"
    variables = {"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
    assert wishes(conf, variables).endpoint == "http://jaeger:4318"
    settings.ZEROSTATE_MONITORING_TRACING_PROTOCOL = "http/protobuf"
    assert wishes(conf, variables).protocol == "http/protobuf"


@pytest.mark.parametrize(
    "variable", [("OTEL_SDK_DISABLED", "TRUE"), ("OTEL_TRACES_EXPORTER", "none")]
)
def test_export__can_be_switched_off_by_variables(variable):
    """As everywhere else where OpenTelemetry is."""
    assert not wishes(conf, dict([variable])).exports
