"""configure(): once per process, right over forks, harmless without packages or a collector."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from tests.otlp import receiver
from tests.packages import ROOT
from tests.servers import free_port
from zerostate_monitoring import tracing
from zerostate_monitoring.doctor.tracing import LINES, MIDDLEWARE, check_tracing
from zerostate_monitoring.tracing.sdk.setup import limits

BEGIN = """
import os, sys, time
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
from django.conf import settings
settings.ZEROSTATE_MONITORING_TRACING = True
settings.ZEROSTATE_MONITORING_TRACING_SAMPLE_RATIO = {ratio}
settings.ZEROSTATE_MONITORING_TRACING_ENDPOINT = {url!r}
django.setup()
from zerostate_monitoring import tracing
"""

PATIENT = """
from zerostate_monitoring.tracing.sdk import exporting
exporting.LEAVE_SECONDS = 60
"""
"""For programs whose every span is wanted: how long an export takes is this machine's affair."""


def run(code, url="http://127.0.0.1:1", ratio=1, **environment):
    """Run a program of its own; what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", BEGIN.format(url=url, ratio=ratio) + code],
        env={**os.environ, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def test_configure__does_nothing_unless_it_is_switched_on(settings):
    """Off by default; the app's own switch turns it off, too."""
    assert tracing.configure() is False
    settings.ZEROSTATE_MONITORING_TRACING = True
    settings.ZEROSTATE_MONITORING_ENABLED = False
    assert tracing.configure() is False
    assert not tracing.is_configured()


def test_configure__twice_is_once():
    """The second call changes nothing: one provider, one thread, one middleware of Celery's."""
    out, _ = run("""
import threading
from celery import signals
assert tracing.configure() and tracing.configure() and tracing.is_configured()
from opentelemetry import trace
threads = [t.name for t in threading.enumerate() if t.name.startswith("Otel")]
print(len(threads), len([r for r in signals.task_prerun.receivers]))
""")
    threads, listeners = map(int, out.split())
    assert threads == 1
    assert listeners == 2  # this app's counting, and the one that traces


def test_configure__keeps_what_a_project_has_set_up():
    """A provider that is there stays; spans go where the project wants them."""
    out, _ = run("""
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
mine, kept = TracerProvider(), InMemorySpanExporter()
mine.add_span_processor(SimpleSpanProcessor(kept))
trace.set_tracer_provider(mine)
assert tracing.configure()
assert trace.get_tracer_provider() is mine
with tracing.span("a.b"):
    pass
print([span.name for span in kept.get_finished_spans()])
""")
    assert "a.b" in out


def test_configure__without_its_packages_says_what_to_install():
    """The process goes on, and one line names the command."""
    _, err = run("""
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "opentelemetry":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
import logging
logging.basicConfig(format="%(message)s %(error)s")
sys.meta_path.insert(0, Missing())
assert tracing.configure() is False
with tracing.span("a.b"):
    pass
from django.core.checks import run_checks
print([message.id for message in run_checks()], file=sys.stderr)
""")
    assert "tracing_not_configured" in err
    assert "pip install 'zerostate-monitoring[tracing]'" in err
    assert "zerostate_monitoring.W007" in err


def test_configure__at_0_records_nothing_and_passes_on_what_comes_in():
    """No SDK is set up; a caller's trace still reaches whoever is called."""
    out, _ = run(
        """
assert tracing.configure()
from opentelemetry import trace
from zerostate_monitoring.tracing import carrier
told = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
with carrier.continued(told), tracing.span("a.b"):
    assert not tracing.is_recording()
    print(carrier.to_map() == told, type(trace.get_tracer_provider()).__name__)
""",
        ratio=0,
    )
    assert out.split() == ["True", "ProxyTracerProvider"]


@pytest.mark.parametrize("exports_first", [False, True])
def test_fork__gives_each_process_its_own_export(exports_first):
    """As gunicorn --preload and Celery do it: the parent's spans come once, the child's, too."""
    with receiver() as got:
        run(
            PATIENT
            + f"""
assert tracing.configure()
from opentelemetry import trace
with tracing.span("parent.before"):
    pass
if {exports_first}:
    trace.get_tracer_provider().force_flush()
pid = os.fork()
with tracing.span("child.span" if pid == 0 else "parent.after"):
    pass
tracing.flush()
if pid == 0:
    os._exit(0)
assert os.waitpid(pid, 0)[1] == 0
""",
            url=got.url,
            PYTHONWARNINGS="ignore",
        )
        names = sorted(span.name for span in got.spans)
    assert names == ["child.span", "parent.after", "parent.before"]


def test_end__of_a_process_exports_what_there_is():
    """A command that ends by itself loses nothing, and names its service."""
    with receiver() as got:
        run(
            f"{PATIENT}assert tracing.configure()\nwith tracing.span('a.b'): pass\n",
            url=got.url,
            OTEL_EXPORTER_OTLP_COMPRESSION="gzip",
            OTEL_RESOURCE_ATTRIBUTES="deployment.environment.name=test",
        )
    assert got.one("a.b").service == "zerostate-monitoring"
    assert got.encodings == ["gzip"]


def test_grpc__needs_no_collector_to_begin_and_to_end():
    """The other protocol is set up as lazily, and a dead collector keeps nobody."""
    run(
        "assert tracing.configure()\nwith tracing.span('a.b'): pass\n",
        url=f"http://127.0.0.1:{free_port()}",
        OTEL_EXPORTER_OTLP_PROTOCOL="grpc",
    )


@pytest.mark.parametrize("protocol", ["grpc", "http/protobuf"])
def test_collector__that_hangs_keeps_nobody(protocol):
    """It takes connections and is silent; its timeout is far beyond the one of this test."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        out, _ = run(
            """
assert tracing.configure()
for number in range(3000):
    with tracing.span("s"):
        pass
print("all")
""",
            url=f"http://127.0.0.1:{server.getsockname()[1]}",
            OTEL_EXPORTER_OTLP_PROTOCOL=protocol,
            OTEL_EXPORTER_OTLP_TIMEOUT="1000",
            OTEL_BSP_SCHEDULE_DELAY="10",
        )
    assert out == "all\n"


def test_check__warns_of_traces_that_cannot_come_about(settings):
    """Switched on, and nobody calls configure(), or no middleware begins a trace."""
    assert check_tracing() == []
    settings.ZEROSTATE_MONITORING_TRACING = True
    said = [message.msg for message in check_tracing()]
    assert len(said) == 2
    assert "configure()" in said[0]
    assert "RequestMetricsMiddleware" in said[1]


def test_check__warns_of_lines_that_are_written_outside_of_their_span(settings):
    """In that order no request's own line names its trace."""
    settings.ZEROSTATE_MONITORING_TRACING = True
    settings.MIDDLEWARE = [MIDDLEWARE, LINES]
    assert len(check_tracing()) == 1
    settings.MIDDLEWARE = [LINES, MIDDLEWARE]
    assert "names no trace" in check_tracing()[1].msg


@pytest.mark.parametrize("which", ["OTEL_EXPORTER_OTLP", "OTEL_EXPORTER_OTLP_TRACES"])
def test_export__is_as_opentelemetrys_variables_say(which):
    """Address, headers, compression, resource, and the queue's own limits; without a setting."""
    with receiver() as got:
        path = "/v1/traces" if which.endswith("TRACES") else ""
        variables = {
            f"{which}_ENDPOINT": got.url + path,
            f"{which}_HEADERS": "x-tenant=blue",
            f"{which}_COMPRESSION": "deflate",
            "OTEL_RESOURCE_ATTRIBUTES": "service.name=shop,deployment.environment=east",
            "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "2",
        }
        run(
            PATIENT
            + """
assert tracing.configure()
for number in range(5):
    with tracing.span(f"s{number}"):
        pass
""",
            url="",
            **variables,
        )
        assert {span.name for span in got.spans} == {f"s{number}" for number in range(5)}
        assert {span.service for span in got.spans} == {"shop"}
        assert set(got.encodings) == {"deflate"}
        assert {headers["x-tenant"] for headers in got.headers} == {"blue"}
        assert len(got.bodies) == 3
        assert all(b"east" in body for body in got.bodies)


def test_limits__of_a_span_are_the_variables_where_they_are_set():
    """Ours are smaller than OpenTelemetry's; who asks for others has them."""
    own = limits({})
    assert (own.max_span_attributes, own.max_events, own.max_span_attribute_length) == (
        64,
        64,
        1024,
    )
    names = ("OTEL_ATTRIBUTE_COUNT_LIMIT", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT")
    out, _ = run(
        """
assert tracing.configure()
from opentelemetry import trace
with trace.get_tracer("t").start_as_current_span("s") as span:
    span.set_attributes({str(n): "x" * 99 for n in range(9)})
print(len(span.attributes), {len(value) for value in span.attributes.values()})
""",
        **dict.fromkeys(names, "3"),
    )
    assert out == "3 {3}\n"


@pytest.mark.parametrize(
    "variable",
    [("OTEL_SPAN_LINK_COUNT_LIMIT", "many"), ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "4096")],
)
def test_configure__with_a_variable_that_cannot_be_says_so_and_goes_on(variable):
    """No number, and a batch that is larger than the queue: the process works, untraced."""
    out, err = run("print(tracing.configure(), tracing.is_configured())", **dict([variable]))
    assert out == "False False\n"
    assert "tracing_not_configured" in err
