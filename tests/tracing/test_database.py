"""Queries as spans: whatever the database, without parameters and literals."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection

from zerostate_monitoring import tracing
from zerostate_monitoring.tracing import database


@pytest.fixture
def followed():
    """Queries are followed while the test runs."""
    database.connect()
    yield
    database.disconnect()


@pytest.mark.django_db
def test_query__is_a_span_beneath_what_asks(followed, ended):
    """One span, its operation and database, the text without what it looks for."""
    with tracing.span("payment.send"):
        assert not User.objects.filter(username="alice").exists()
    span = ended()["SELECT default"]
    assert span.parent.span_id == ended()["payment.send"].context.span_id
    assert span.attributes["db.system.name"] == "sqlite"
    assert "alice" not in span.to_json()


@pytest.mark.django_db
def test_query__alone_is_no_trace(followed, kept):
    """Beat's look at its schedule belongs to nobody."""
    User.objects.count()
    assert not kept.get_finished_spans()


@pytest.mark.django_db
def test_query__that_fails_is_an_error_by_its_type(followed, ended):
    """The database's message, which repeats the query, does not leave."""
    with (
        pytest.raises(OperationalError),
        tracing.span("a.b"),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT hunter2 FROM nowhere WHERE hunter2 = %s", ["x"])
    span = next(span for name, span in ended().items() if name.startswith("SELECT"))
    assert span.status.description == "OperationalError"
    assert "no such table" not in span.to_json()


@pytest.mark.django_db
def test_connect__twice_follows_once(followed, ended):
    """A query is one span, however often it was asked for."""
    database.connect()
    assert connection.execute_wrappers.count(database.traced) == 1


@pytest.mark.parametrize(
    ("sql", "shape"),
    [
        ("SELECT 'o''brien', 5, a1 FROM t", "SELECT ?, ?, a1 FROM t"),
        ("/* me@example.org */ UPDATE t\n SET a = 1.5 -- x", "UPDATE t SET a = ?"),
        ("SELECT $tag$secret$tag$", "SELECT ?"),
        ("INSERT INTO t VALUES (%s)", "INSERT INTO t VALUES (%s)"),
        ("SELECT '" + "x" * 100_000, "SELECT '"),
    ],
)
def test_shape__has_no_literals(sql, shape):
    """Quoted texts, numbers and comments are left out, and no query is long."""
    found = database.shape_of(sql)
    assert found.startswith(shape)
    assert len(found) <= 1000


@pytest.mark.parametrize(
    ("sql", "operation"),
    [
        ("select 1", "SELECT"),
        ("  (SELECT 1)", "SELECT"),
        ("/* x */ DELETE FROM t", "DELETE"),
        ("", "QUERY"),
    ],
)
def test_operation__is_the_first_word(sql, operation):
    """A span's name is bounded."""
    assert database.operation_of(sql) == operation
