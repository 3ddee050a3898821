"""Rows of nodes: what they may hold, and what follows when they change."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from zerostate_monitoring.collectors import nodes
from zerostate_monitoring.models import Collector, Metric, Node

pytestmark = pytest.mark.django_db


def made(**fields):
    return Node(**{"name": "n1", "base_url": "http://n1.example:8080", **fields})


def test_node__a_good_one_is_valid(settings):
    """Names, address, labels and references to secrets as in the documentation."""
    settings.ZEROSTATE_MONITORING_NODE_SECRETS_DIRECTORY = "/run/secrets"
    secrets = {"token": "env:ZEROSTATE_NODE_TOKEN", "ca_certificate": "file:/run/secrets/ca.pem"}
    made(labels={"site": "fra1"}, **secrets).full_clean()


@pytest.mark.parametrize(
    ("reference", "setting"),
    [
        ("env:SECRET_KEY", "NODE_SECRETS_ENV_PREFIX"),
        ("file:/etc/shadow", "NODE_SECRETS_DIRECTORY"),
        ("file:/run/secrets/../../etc/shadow", "NODE_SECRETS_DIRECTORY"),
        ("file:/run/secrets-2/a", "NODE_SECRETS_DIRECTORY"),
    ],
)
def test_node__a_reference_may_not_lead_anywhere(settings, reference, setting):
    """The form says which setting would have to allow it."""
    settings.ZEROSTATE_MONITORING_NODE_SECRETS_DIRECTORY = "/run/secrets"
    with pytest.raises(ValidationError, match=setting):
        made(token=reference).full_clean()


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "a b"},
        {"name": 'a"b'},
        {"base_url": "ftp://x"},
        {"base_url": "http://user@x"},
        {"base_url": "http://x/?q"},
        {"base_url": "http://x:99999"},
        {"metrics_path": "metrics"},
        {"metrics_path": "//other.example/metrics"},
        {"metrics_path": "http://other.example/metrics"},
        {"metrics_path": "/met rics"},
        {"metrics_path": "/metrics\n"},
        {"metrics_path": "/metrics#top"},
        {"metrics_path": "/m\u00e9triques"},
        {"role": "king"},
        {"labels": {"node": "x"}},
        {"labels": {"a-b": "x"}},
        {"labels": {"a": 1}},
        {"labels": ["site"]},
        {"token": "env:"},
        {"ca_certificate": "file:relative"},
        {"client_certificate": "only half"},
    ],
)
def test_node__what_cannot_work_is_refused(fields):
    """Each fault is found before the row is saved."""
    with pytest.raises(ValidationError):
        made(**fields).full_clean()


def test_node__an_empty_metrics_path_is_the_usual_one():
    """Whoever clears the field means the default; a path of one's own stays."""
    for entered, kept in (("", "/metrics"), ("/metrics/legacy?a=b", "/metrics/legacy?a=b")):
        node = made(metrics_path=entered)
        node.full_clean()
        assert node.metrics_path == kept


def test_node__the_database_refuses_unknown_roles():
    """A role that nobody knows cannot come in behind the form."""
    with pytest.raises(IntegrityError), transaction.atomic():
        made(role="king").save()


def test_collector__the_database_refuses_intervals_of_nothing():
    """An interval of 0 would divide by 0 later."""
    with pytest.raises(IntegrityError), transaction.atomic():
        Collector.objects.create(name="x", interval_seconds=0)


def test_metric__takes_only_producers_that_can_feed_it():
    """An override to a producer that does not know the family would silence it."""
    row = Metric.objects.filter(feeds=["node"]).first()
    row.feed = "platform"

    with pytest.raises(ValidationError, match="can be fed by"):
        row.full_clean()


@pytest.fixture
def forgotten(monkeypatch):
    """Names of nodes whose series were taken off the page."""
    names = []
    monkeypatch.setattr(nodes, "forget", names.extend)
    return names


def test_node__deleted_disabled_and_renamed_ones_leave_the_page(
    forgotten, django_capture_on_commit_callbacks
):
    """Series of a node that is gone under its name do not wait for their TTL."""
    with django_capture_on_commit_callbacks(execute=True):
        made().save()
    assert forgotten == []

    node = Node.objects.get(name="n1")
    node.name = "n2"
    with django_capture_on_commit_callbacks(execute=True):
        node.save()
    assert forgotten == ["n1"]

    node.enabled = False
    with django_capture_on_commit_callbacks(execute=True):
        node.save()
    assert forgotten == ["n1", "n2"]

    with django_capture_on_commit_callbacks(execute=True):
        node.delete()
    assert forgotten == ["n1", "n2", "n2"]


def test_node__can_be_deleted_while_the_store_is_away(django_capture_on_commit_callbacks, caplog):
    """A store that does not answer is logged; the row goes all the same."""
    node = made()
    node.save()

    with django_capture_on_commit_callbacks(execute=True):
        node.delete()

    assert "series_not_removed" in [record.message for record in caplog.records]
    assert not Node.objects.exists()


def test_collector__a_disabled_one_leaves_the_page(store, django_capture_on_commit_callbacks):
    """Series of a collector that an operator disabled are removed at once."""
    from zerostate_monitoring.collectors.runner import run

    run("monitoring", store=store)
    row = Collector.objects.get(name="monitoring")
    row.enabled = False

    with django_capture_on_commit_callbacks(execute=True):
        row.save()

    assert store.snapshot().frames == {}
