"""What this project's own processes count: record functions, middleware, Celery's signals.

``p2p``, ``execution`` and ``economic`` have one function for each thing that happens in a
network; ``registry`` declares instruments of a project's own. All are ordinary
prometheus_client instruments, which a thread publishes to the store, where the totals of
all processes stand. Importing the package does nothing; the first event starts the thread.
"""

from __future__ import annotations
