"""What is kept off the platform's alias."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.db.models import Model

from zerostate_monitoring.sources.platform.router import PlatformRouter


def model(label: str) -> type[Model]:
    return cast("type[Model]", SimpleNamespace(_meta=SimpleNamespace(app_label=label)))


def row(alias: str) -> Any:
    return SimpleNamespace(_state=SimpleNamespace(db=alias))


@pytest.mark.parametrize(
    ("platform", "db", "allowed"),
    [
        ("platform", "platform", False),
        ("platform", "default", None),
        ("default", "default", None),
        ("", "default", None),
    ],
)
def test_migrations__stay_off_the_platform(
    settings: Any, platform: str, db: str, allowed: bool | None
) -> None:
    """No app migrates the platform; a platform in the default database is the project's."""
    settings.ZEROSTATE_MONITORING_PLATFORM_DATABASE = platform
    assert PlatformRouter().allow_migrate(db, "auth") is allowed


def test_rows__of_this_app_do_not_follow_a_hint_there(settings: Any) -> None:
    """A hint would send a row to the platform; of other apps the router says nothing."""
    settings.ZEROSTATE_MONITORING_PLATFORM_DATABASE = "platform"
    router, ours = PlatformRouter(), model("zerostate_monitoring")
    for route in (router.db_for_read, router.db_for_write):
        assert route(ours, instance=row("platform")) == "default"
        assert route(ours, instance=row("default")) is None
        assert route(ours) is None
        assert route(model("auth"), instance=row("platform")) is None
