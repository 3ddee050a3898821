"""Alerting and recording rules as values: read, written, checked and filled in.

Pure: no Django, no store, no clock. What a rule says stands here; what it does elsewhere.
"""
