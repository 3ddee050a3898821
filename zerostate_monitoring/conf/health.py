"""Settings of health: what takes a process out of service, and how that is found out."""

from __future__ import annotations

from collections.abc import Sequence

from zerostate_monitoring.conf.base import Reading


class HealthSettings(Reading):
    """What ``Settings`` says of health."""

    @property
    def HEALTH_CRITICAL(self) -> Sequence[str]:
        """Names of the components without which this site is not ready; none by default."""
        return tuple(self._get("HEALTH_CRITICAL", ()))

    @property
    def HEALTH_TIMEOUT_SECONDS(self) -> float:
        """After so long without an answer a component of this app's is unhealthy."""
        return float(self._get("HEALTH_TIMEOUT_SECONDS", 2))

    @property
    def HEALTH_DRAIN_FILE(self) -> str:
        """While this file is there the site is not ready; empty for none."""
        return str(self._get("HEALTH_DRAIN_FILE", ""))

    @property
    def HEALTH_DISK_PATH(self) -> str:
        """The directory whose disk is watched for being full."""
        return str(self._get("HEALTH_DISK_PATH", "/"))

    @property
    def PULSE_FILE(self) -> str:
        """The file in which a worker or a beat says that it runs; empty for none."""
        return str(self._get("PULSE_FILE", ""))
