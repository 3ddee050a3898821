"""Stand-ins for Loki and for Alloy: neither program may be built here, nor is it in a package.

``alloy`` does with lines what the compose stack's ``config.alloy`` says, ``server`` takes them by
Loki's push API and by OTLP, within the limits of its ``config.yaml``, and answers LogQL as far as
the dashboards speak it. What they do was taken from the manuals of both.
"""
