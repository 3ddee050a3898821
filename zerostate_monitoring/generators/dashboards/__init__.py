"""Grafana dashboards: declared as values here, one module each, and made into its JSON.

``panels`` lists what is declared and needs nothing else; ``files`` needs grafana-foundation-sdk.
"""
