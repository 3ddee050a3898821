"""Prometheus's HTTP API, version 1: parameters in, its JSON out.

What it takes and gives is documented at
https://prometheus.io/docs under "HTTP API".
"""
