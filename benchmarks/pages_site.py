"""A process that serves the admin of an installation with an hour of series, for a browser."""

from __future__ import annotations

import sys
import threading
from http.server import ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import urlencode
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from benchmarks.admin_site import PROJECT
from benchmarks.children import obey, set_up
from benchmarks.postgresql import postgresql

LIVE: Final = 100
PAST: Final = 1_000
DRAWN: Final = "zerostate_p2p_peers_connected"
"""A family with so many series that charts draw as many as they ever do."""


class Server(WSGIServer, ThreadingHTTPServer):
    """As many answers at a time as a browser asks for."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Says nothing of what is asked."""

    def log_message(self, *arguments: Any) -> None:
        """Nothing."""


class Site:
    """The admin, and what is asked of it."""

    def __init__(self, size: int) -> None:
        from benchmarks.admin_asking import Asked  # noqa: PLC0415 - after Django is set up

        self._asked = Asked()
        self._size = size

    def serve(self) -> dict[str, Any]:
        """Addresses of the pages with charts, and the session of who may see them."""
        from django.contrib.staticfiles.handlers import StaticFilesHandler  # noqa: PLC0415
        from django.core.wsgi import get_wsgi_application  # noqa: PLC0415

        self._asked.prepare(self._size, LIVE, PAST)
        server = Server(("127.0.0.1", 0), Quiet)
        server.set_app(StaticFilesHandler(get_wsgi_application()))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return {
            "site": f"http://127.0.0.1:{server.server_port}",
            "pages": _pages(),
            "session": self._asked.session(),
        }


def _pages() -> dict[str, str]:
    """With a rule of one's own that draws as many lines as a chart has."""
    from benchmarks.admin_asking import address  # noqa: PLC0415
    from zerostate_monitoring.models import Alert, Metric, Node, Rule, RuleGroup  # noqa: PLC0415

    group = RuleGroup.objects.create(name="weighed", position=1)
    rule = Rule.objects.create(group=group, name="Weighed", expr=f"{DRAWN} > 1e9", position=0)
    alert, node = Alert.objects.filter(state="firing").first(), Node.objects.first()
    found = {
        "overview": address("overview_changelist"),
        "metric": address("metric_change", Metric.objects.get(name=DRAWN).pk),
        "explore": f"{address('explore')}?{urlencode({'query': DRAWN})}",
        "rule": address("rule_change", rule.pk),
        "delivery": address("delivery"),
        "health": address("health"),
        "calendar": address("calendar"),
        "about": f"{address('about')}?label=node&value=node-0001",
        "nodes": address("node_changelist"),
        "alert": address("alert_change", alert.pk) if alert else "",
        "node": address("node_change", node.pk) if node else "",
    }
    return {name: page for name, page in found.items() if page}


def main(url: str, port: int, size: int) -> None:
    """Answer ``serve``."""
    set_up(url, DATABASES=postgresql(port), **PROJECT)
    obey({"serve": Site(size).serve})


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
