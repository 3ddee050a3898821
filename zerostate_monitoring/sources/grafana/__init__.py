"""A Grafana: dashboards sent to it over its HTTP API."""
