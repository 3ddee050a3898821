"""What tests of the admin share."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import Permission, User

from tests.admin.scene import make_history
from zerostate_monitoring.admin.overview import figures


@pytest.fixture
def browser(client):
    """A logged-in superuser."""
    client.force_login(User.objects.create_superuser("root", "root@example.org", "x"))
    return client


@pytest.fixture
def viewer(client):
    """A logged-in member of staff who may only look."""
    user = User.objects.create_user("viewer", "viewer@example.org", "x", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(
            content_type__app_label="zerostate_monitoring", codename__startswith="view_"
        )
    )
    client.force_login(user)
    return client


@pytest.fixture
def history(settings, request):
    """An hour of a small network; however busy the machine is, the store is waited for."""
    settings.ZEROSTATE_MONITORING_REDIS_TIMEOUT_SECONDS = 60
    return make_history(request.getfixturevalue("store"))


@pytest.fixture
def one_moment(monkeypatch):
    """The overview is of one moment: every five minutes it asks once more, for yesterday."""
    now = time.time_ns()
    monkeypatch.setattr(figures, "time", SimpleNamespace(time_ns=lambda: now))


@pytest.fixture
def node_server():
    """A node that answers with one family."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            found = self.path == "/metrics"
            body = b"# TYPE zerostate_peer_connections gauge\nzerostate_peer_connections 4\n"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/plain")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()
