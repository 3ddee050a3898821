"""What tests of log lines share: a logger whose lines are read, and nothing left behind."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import structlog

from zerostate_monitoring.logs.chain import formatter


class Written:
    """A logger of its own, and the lines that it wrote."""

    def __init__(self, form: str, **options: Any) -> None:
        self.stream = io.StringIO()
        handler = logging.StreamHandler(self.stream)
        handler.setFormatter(formatter(form, **options))
        self.logger = logging.getLogger(f"tests.logs.{uuid4().hex}")
        self.logger.propagate = False
        self.logger.setLevel(logging.DEBUG)
        self.logger.addHandler(handler)
        self.native = structlog.get_logger(self.logger.name)

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    @property
    def line(self) -> dict[str, Any]:
        [line] = self.lines
        return line


@pytest.fixture(autouse=True)
def _nothing_bound() -> Iterator[None]:
    structlog.contextvars.clear_contextvars()
    yield
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


@pytest.fixture
def as_json() -> Written:
    """A logger that writes JSON."""
    return Written("json", always={"service": "web", "environment": ""})


@pytest.fixture
def as_console() -> Written:
    """A logger that writes for people."""
    return Written("console")
