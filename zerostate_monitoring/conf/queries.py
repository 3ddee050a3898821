"""Settings of queries: the API, what one query may take, and who answers."""

from __future__ import annotations

from zerostate_monitoring.conf.base import Reading


class QuerySettings(Reading):
    """What ``Settings`` says of queries."""

    @property
    def API_PATH(self) -> str:
        """What stands before ``api/v1/`` in the addresses of the query API."""
        return str(self._get("API_PATH", "monitoring/"))

    @property
    def API_TOKEN(self) -> str:
        """Bearer token that opens the query API to programs; empty for none."""
        return str(self._get("API_TOKEN", ""))

    @property
    def API_MAX_BYTES(self) -> int:
        """Largest body of a request to the query API."""
        return int(self._get("API_MAX_BYTES", 2 * 1024 * 1024))

    @property
    def QUERY_TIMEOUT_SECONDS(self) -> float:
        """Longest time of one query; a caller can ask for less."""
        return float(self._get("QUERY_TIMEOUT_SECONDS", 30))

    @property
    def QUERY_MAX_SAMPLES(self) -> int:
        """How many samples one query may read and make, all together."""
        return int(self._get("QUERY_MAX_SAMPLES", 50_000_000))

    @property
    def QUERY_MAX_SERIES(self) -> int:
        """How many series one selector may find."""
        return int(self._get("QUERY_MAX_SERIES", 500_000))

    @property
    def QUERY_MAX_STEPS(self) -> int:
        """How many steps a range query may have."""
        return int(self._get("QUERY_MAX_STEPS", 11_001))

    @property
    def PROMETHEUS_URL(self) -> str:
        """A Prometheus-compatible server that answers queries; empty for this app's own."""
        return str(self._get("PROMETHEUS_URL", ""))

    @property
    def PROMETHEUS_TOKEN(self) -> str:
        """Bearer token that this server wants; empty for none."""
        return str(self._get("PROMETHEUS_TOKEN", ""))

    @property
    def PROMETHEUS_CA_FILE(self) -> str:
        """PEM file of the authority of this server's certificate; empty for the system's."""
        return str(self._get("PROMETHEUS_CA_FILE", ""))

    @property
    def PROMETHEUS_TIMEOUT_SECONDS(self) -> float:
        """Longest time of one answer of this server, from connecting to the last byte."""
        return float(self._get("PROMETHEUS_TIMEOUT_SECONDS", 30))

    @property
    def PROMETHEUS_MAX_BYTES(self) -> int:
        """Largest answer of this server, after decompression."""
        return int(self._get("PROMETHEUS_MAX_BYTES", 64 * 1024 * 1024))
