"""The questions of ``Querier``, put to a server over HTTP."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from zerostate_monitoring.conf import PREFIX, conf
from zerostate_monitoring.exceptions import ConfigurationError, QueryTimeoutError
from zerostate_monitoring.frames.exemplar import Labels
from zerostate_monitoring.promql.data import Result
from zerostate_monitoring.promql.querier import (
    ALWAYS,
    DEFAULT,
    EARLIEST_MS,
    LATEST_MS,
    Described,
    Found,
    Matchers,
    Options,
    Window,
)
from zerostate_monitoring.promql.selectors import written
from zerostate_monitoring.sources.nodes.client import ACCEPT_JSON, NodeClient
from zerostate_monitoring.sources.nodes.target import Target
from zerostate_monitoring.sources.prometheus import answers

_API: Final = "/api/v1/"
_GRACE_SECONDS: Final = 1.0
"""How much longer than the query's own time its answer may take to arrive."""

Parameters = Mapping[str, str | Sequence[str]]


class RemoteQuerier:
    """A ``Querier`` that asks the server ``target``, and nobody else."""

    def __init__(self, target: Target, client: NodeClient) -> None:
        self._target: Final = target
        self._client: Final = client

    def instant(self, text: str, at_ms: int, options: Options = DEFAULT) -> Result:
        """See ``Querier``."""
        asked = {"query": text, "time": _seconds(at_ms)}
        return answers.result(self._query("query", asked, options), at_ms)

    def range(
        self, text: str, start_ms: int, end_ms: int, step_ms: int, options: Options = DEFAULT
    ) -> Result:
        """See ``Querier``."""
        asked = {
            "query": text,
            "start": _seconds(start_ms),
            "end": _seconds(end_ms),
            "step": _seconds(step_ms),
        }
        return answers.result(self._query("query_range", asked, options), end_ms)

    def series(
        self, selectors: Sequence[Matchers], window: Window = ALWAYS, limit: int = 0
    ) -> Found[Labels]:
        """See ``Querier``."""
        return answers.label_sets(self._post("series", _searched(selectors, window, limit)))

    def label_names(
        self, selectors: Sequence[Matchers] = (), window: Window = ALWAYS, limit: int = 0
    ) -> Found[str]:
        """See ``Querier``."""
        return answers.names(self._post("labels", _searched(selectors, window, limit)))

    def label_values(
        self, name: str, selectors: Sequence[Matchers] = (), window: Window = ALWAYS, limit: int = 0
    ) -> Found[str]:
        """See ``Querier``."""
        path = f"label/{quote(name, safe='')}/values"
        return answers.names(self._get(path, _searched(selectors, window, limit)))

    def metadata(self, metric: str = "", limit: int = 0) -> Described:
        """See ``Querier``."""
        asked = {"metric": metric, "limit": str(limit or "")}
        return answers.described(self._get("metadata", asked))

    def _query(self, path: str, asked: dict[str, str], options: Options) -> Mapping[str, Any]:
        allowed = self._target.timeout
        wanted = options.timeout_seconds
        seconds = allowed if wanted is None else min(allowed, wanted)
        if seconds <= 0:
            raise QueryTimeoutError("the query timed out before it began")
        asked["timeout"] = f"{seconds:.3f}"
        if options.lookback_ms is not None:
            asked["lookback_delta"] = _seconds(options.lookback_ms)
        return self._post(path, asked, seconds + _GRACE_SECONDS, asked["query"])

    def _post(
        self, path: str, asked: Parameters, seconds: float | None = None, text: str = ""
    ) -> Mapping[str, Any]:
        answer = self._client.post(
            self._target,
            _API + path,
            urlencode(asked, doseq=True).encode(),
            accept=ACCEPT_JSON,
            deadline=self._deadline(seconds),
        )
        return answers.checked(answer, text)

    def _get(self, path: str, asked: Parameters) -> Mapping[str, Any]:
        where = f"{_API}{path}?{urlencode(asked, doseq=True)}"
        answer = self._client.get(
            self._target, where, accept=ACCEPT_JSON, deadline=self._deadline(None)
        )
        return answers.checked(answer)

    def _deadline(self, seconds: float | None) -> float:
        return time.monotonic() + (self._target.timeout if seconds is None else seconds)


def current_target() -> Target:
    """The server as the settings are now.

    Raises:
        ConfigurationError: the file of its authority cannot be read.
    """
    return Target(
        name="prometheus",
        role="prometheus",
        base_url=conf.PROMETHEUS_URL.rstrip("/"),
        token=conf.PROMETHEUS_TOKEN,
        ca=_authority(conf.PROMETHEUS_CA_FILE),
        timeout=conf.PROMETHEUS_TIMEOUT_SECONDS,
        max_bytes=conf.PROMETHEUS_MAX_BYTES,
    )


def remote_querier() -> RemoteQuerier:
    """Whoever asks the server of the settings; connections are kept between questions."""
    return RemoteQuerier(current_target(), _clients.setdefault(os.getpid(), NodeClient()))


def close_connections() -> None:
    """Close what is kept of this process's connections."""
    if client := _clients.pop(os.getpid(), None):
        client.close()


# A forked child has connections of its own.
_clients: Final[dict[int, NodeClient]] = {}


def _authority(file: str) -> str:
    if not file:
        return ""
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{PREFIX}PROMETHEUS_CA_FILE cannot be read: {error}") from error


def _searched(selectors: Sequence[Matchers], window: Window, limit: int) -> Parameters:
    asked: dict[str, str | Sequence[str]] = {"match[]": [written(one) for one in selectors]}
    if window.start_ms > EARLIEST_MS:
        asked["start"] = _seconds(window.start_ms)
    if window.end_ms < LATEST_MS:
        asked["end"] = _seconds(window.end_ms)
    if limit:
        asked["limit"] = str(limit + 1)
    return asked


def _seconds(milliseconds: int) -> str:
    sign, size = "-" * (milliseconds < 0), abs(milliseconds)
    return f"{sign}{size // 1000}.{size % 1000:03}"
