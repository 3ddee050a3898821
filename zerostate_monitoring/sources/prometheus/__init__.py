"""A server that speaks Prometheus's HTTP API, asked in place of this app's own engine."""
