"""Pages of real programs, read by our parser as prometheus_client reads them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from tests.processes import processes
from tests.real.prometheus import prometheus
from tests.servers import free_port, wait_until
from zerostate_monitoring.exceptions import SourceError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.frames.families import frame_of
from zerostate_monitoring.frames.frame import Frame
from zerostate_monitoring.sources.nodes.client import NodeClient, is_openmetrics, ok
from zerostate_monitoring.sources.nodes.parse import PageParser
from zerostate_monitoring.sources.nodes.target import Target

pytestmark = pytest.mark.real

CLASH: Final = "go_memstats_alloc_bytes"


@pytest.fixture(scope="module")
def urls(tmp_path_factory) -> Iterator[dict[str, str]]:
    """Debian's node exporter and Prometheus, which both have been scraped before."""
    directory: Path = tmp_path_factory.mktemp("pages")
    port = free_port()
    with (
        processes(directory, {"PATH": "/usr/bin:/bin"}) as started,
        prometheus(directory, {"exporter": port}) as scraper,
    ):
        address = f"--web.listen-address=127.0.0.1:{port}"
        started.start("exporter", "prometheus-node-exporter", address)
        wait_until(lambda: scraper.query("up == 1"), 60, "Prometheus has scraped the exporter")
        yield {"exporter": f"http://127.0.0.1:{port}", "prometheus": scraper.url}


def page(url: str) -> bytes:
    """The page as a scrape gets it; Debian's programs offer the text format alone."""
    client = NodeClient()
    try:
        target = Target(name="n", role="edge", base_url=url)
        answer = ok(client.get(target, "/metrics", deadline=time.monotonic() + 10))
    finally:
        client.close()
    assert not is_openmetrics(answer)
    return answer.body


def series(frame: Frame) -> dict[tuple[str, Labels], float]:
    """Values by series; the readers may put series in another order."""
    found = {(name, labels): value for name, labels, value in frame.samples()}
    assert len(found) == frame.schema.size
    return found


def without_clash(families: Iterable[Metric]) -> list[Metric]:
    """All but Go's counter whose name without ``_total`` is that of a gauge."""
    return [f for f in families if (f.name, f.type) != (CLASH, "counter")]


def kinds(frame: Frame) -> dict[str, tuple[str, str]]:
    """Type and help by family."""
    return {family.name: (family.type, family.help) for family in frame.schema.families}


@pytest.mark.parametrize("program", ["exporter", "prometheus"])
def test_page__is_read_as_prometheus_client_reads_it(urls, program):
    """Families, series and values, at the first scrape and at the next ones of the same node."""
    parser = PageParser()
    for _ in range(3):
        body = page(urls[program])
        ours = parser.parse("n", body, openmetrics=False, at=1.0, max_series=50_000)
        theirs = frame_of(without_clash(text_string_to_metric_families(body.decode())), 1.0)
        assert list(ours.refused) == [f"{CLASH}_total"]
        assert kinds(ours.frame) == kinds(theirs)
        assert ours.frame.schema.size > 200
        expected = series(theirs)
        found = series(ours.frame)
        assert found.keys() == expected.keys()
        for key, value in expected.items():
            assert np.array_equal(found[key], value, equal_nan=True), key


@pytest.mark.parametrize("program", ["exporter", "prometheus"])
def test_cut_page__is_refused(urls, program):
    """A real page that ends within a line is no page, wherever that is."""
    body = page(urls[program])
    ends = range(len(body) - 1, 0, -(len(body) // 50))
    for end in (end for end in ends if body[end - 1 : end] != b"\n"):
        with pytest.raises(SourceError, match="ends within a line"):
            PageParser().parse("n", body[:end], openmetrics=False, at=1.0, max_series=50_000)
