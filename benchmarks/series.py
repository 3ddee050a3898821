"""The measured series as frames of this app, and a client of the page."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from django.core.handlers.wsgi import WSGIHandler

from benchmarks.peer import NAMES, PRODUCERS, labels_of
from zerostate_monitoring.frames.frame import Frame, Values
from zerostate_monitoring.frames.schema import FamilySchema, SampleKey, Schema
from zerostate_monitoring.storage.store import Store, Write, current_store

KINDS: Final = ("integers", "fractions", "large", "tiny", "nan")
"""Each kind of value alone, beside the mix."""


def values_of(kind: str, size: int, seed: int) -> Values:
    """``size`` values of one kind, or the fixed mix of all."""
    random = np.random.default_rng(seed)
    makers: dict[str, Callable[[], Values]] = {
        "integers": lambda: random.integers(0, 10**6, size).astype(np.float64),
        "fractions": lambda: random.random(size) * 100,
        "large": lambda: np.where(
            random.random(size) < 0.5,
            1.79e9 + random.random(size) * 1e6,
            random.integers(10**6, 10**12, size).astype(np.float64),
        ),
        "tiny": lambda: random.random(size) * 1e-9,
        "nan": lambda: random.choice(np.array([np.nan, np.inf, -np.inf]), size),
    }
    if kind != "mix":
        return makers[kind]()
    every = np.stack([makers[name]() for name in KINDS])
    # A third integers, a third fractions, a quarter large; the rest tiny, NaN and Inf.
    rows = random.choice(len(KINDS), size, p=[1 / 3, 1 / 3, 1 / 4, 1 / 24, 1 / 24])
    mixed: Values = every[rows, np.arange(size)]
    return mixed


def value_sets(kind: str, size: int, rounds: int) -> Iterator[list[Values]]:
    """``rounds`` times values for ``size`` series, by producer; all differ."""
    for round_number in range(rounds):
        seeds = [round_number * PRODUCERS + producer for producer in range(PRODUCERS)]
        yield [values_of(kind, size // PRODUCERS, seed) for seed in seeds]


@dataclass(frozen=True)
class Frames:
    """The series as frames of 20 producers."""

    schemas: list[Schema]
    store: Store

    @classmethod
    def of(cls, size: int) -> Frames:
        """``size`` series, a twentieth of them in each family."""
        keys = tuple(SampleKey("", (("channel", c), ("state", s))) for c, s in labels_of(size))
        families = [FamilySchema(name, "gauge", "Bench.", "", keys) for name in NAMES]
        return cls([Schema([family]) for family in families], current_store())

    def write(
        self, values: Sequence[Values | list[float]], producers: range = range(PRODUCERS)
    ) -> None:
        """Write frames of some producers under one lease, as a run does.

        Python's own floats are packed here; who measures that brings them.
        """
        at = time.time()
        packed = {number: np.asarray(values[number], dtype=np.float64) for number in producers}
        frames = {n: Frame(self.schemas[n], numbers, at) for n, numbers in packed.items()}
        write_frames(self.store, {f"collector:bench{n}": frame for n, frame in frames.items()})


def write_frames(store: Store, frames: dict[str, Frame]) -> None:
    """Write ``frames`` by producer, for ten minutes."""
    lease = store.lease("bench", 60)
    if lease is None:
        raise RuntimeError("a benchmark has its store for itself")
    store.write([Write(name, frame, 600) for name, frame in frames.items()], token=lease.token)
    store.release(lease)


class Client:
    """Ask for the page through Django's WSGI handler."""

    def __init__(self) -> None:
        self._handler = WSGIHandler()

    def scrape(self) -> list[bytes]:
        """One GET /metrics; what Django gives the server."""
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": "/metrics",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.input": io.BytesIO(),
            "wsgi.url_scheme": "http",
        }
        response = self._handler(environ, _start_response)
        pieces = list(response)
        response.close()
        return pieces


def _start_response(status: str, *_: object) -> Callable[[bytes], object]:
    """Take the head of an answer, as a server does."""
    if status != "200 OK":
        raise RuntimeError(f"/metrics answered {status}")
    return len
