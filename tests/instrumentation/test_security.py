"""Events of security: logins, refused tokens, changes of rights."""

from __future__ import annotations

import asyncio

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import OperationalError, connection, transaction
from django.test import Client

from zerostate_monitoring.instrumentation.security import digest_of, login_failed

pytestmark = pytest.mark.django_db

WRONG = "wr0ng-token-5555"


@pytest.fixture
def told(security_events):
    """What the logger said since: event and keys."""
    return lambda: [(one.msg, vars(one)) for one in security_events()]


def test_login__that_fails(told, client):
    """Who was tried, and from where; not the password."""
    User.objects.create_user("who", password="pw", is_active=False)
    told()
    client.post("/admin/login/", {"username": "who", "password": "hunter2"})
    [(event, keys)] = told()
    assert event == "login_failed"
    assert (keys["username"], keys["client_ip"]) == ("who", "127.0.0.1")
    assert keys["levelname"] == "WARNING"
    assert "hunter2" not in str(keys)


@pytest.mark.parametrize("typed", ["correct horse battery", "evil\nroot", "a\x00b", "x" * 10_000])
def test_login__with_a_name_that_nobody_has_hides_it(told, rf, settings, typed):
    """It may be a password: a digest is told, the same for the same try, and keyed."""
    for _ in range(2):
        login_failed(None, {"username": typed}, rf.post("/login/"))
    (_, first), (_, second) = told()
    assert "username" not in first
    assert typed.strip() not in str(first)
    assert first["username_digest"] == second["username_digest"]
    before = digest_of(typed)
    settings.SECRET_KEY = "another"
    assert digest_of(typed) != before
    assert len(before) == 16


def test_login__that_fails_costs_nobody_his_answer(told):
    """A database that is away, or a coroutine that may not ask it: the line is written."""
    with connection.execute_wrapper(_away):
        login_failed(None, {"username": "who"})
    asyncio.run(_failed_in_a_loop())
    assert ["username_digest" in keys for _, keys in told()] == [True, True]


def _away(*args):
    raise OperationalError("away")


async def _failed_in_a_loop():
    login_failed(None, {"username": "who"})


def test_login__that_succeeds(told, client):
    """An info."""
    User.objects.create_user("who", password="pw", is_staff=True)
    told()
    client.post("/admin/login/", {"username": "who", "password": "pw"})
    [(event, keys)] = told()
    assert (event, keys["username"], keys["levelname"]) == ("login_succeeded", "who", "INFO")


@pytest.mark.parametrize(
    ("method", "address"),
    [("get", "/metrics"), ("get", "/monitoring/api/v1/query?query=up"),
     ("post", "/monitoring/api/v1/alertmanager/webhook"),
     ("get", "/monitoring/api/v1/targets/nodes")],
)  # fmt: skip
def test_token__that_is_refused(told, settings, method, address):
    """At each door that takes one; nothing of it is told."""
    for name in ("METRICS_TOKEN", "API_TOKEN", "WEBHOOK_TOKEN"):
        setattr(settings, f"ZEROSTATE_MONITORING_{name}", "r1ght")
    client = Client(raise_request_exception=False)
    ask = getattr(client, method)
    response = ask(address, headers={"Authorization": f"Bearer {WRONG}"})
    if response.status_code == 404:
        pytest.fail(f"{address} is no door")
    [(event, keys)] = told()
    assert event == "token_refused"
    assert keys["path"] == address.partition("?")[0]
    assert WRONG not in str(keys)


def test_token__that_is_right_or_missing_is_no_event(told, settings, client):
    """Who sends none has not tried one."""
    settings.ZEROSTATE_MONITORING_METRICS_TOKEN = "r1ght"
    assert client.get("/metrics").status_code == 401
    client.get("/metrics", headers={"Authorization": "Bearer r1ght"})
    assert told() == []


def test_flags__that_change(told):
    """Staff, superuser, active: which, and to what."""
    user = User.objects.create_user("who")
    assert told() == []
    user.is_staff = user.is_superuser = True
    user.save()
    [(event, keys)] = told()
    assert (event, keys["of"], keys["kind"]) == ("permissions_changed", "who", "flags")
    assert (keys["is_staff"], keys["is_superuser"]) == (True, True)
    user.email = "a@example.org"
    user.save()
    user.save(update_fields=["last_login"])
    assert told() == []


def test_flags__of_a_new_superuser(told):
    """Whoever is made with rights has got them."""
    User.objects.create_superuser("root")
    [(_, keys)] = told()
    assert keys["is_superuser"] is True


def test_groups_and_permissions__that_change(told):
    """Of users and of groups: what was added, removed, cleared."""
    user, group = User.objects.create_user("who"), Group.objects.create(name="operators")
    permission = Permission.objects.get(codename="silence_alert")
    told()
    user.groups.add(group)
    group.permissions.add(permission)
    group.permissions.add(permission)
    user.user_permissions.set([permission])
    user.groups.remove(group)
    user.user_permissions.clear()
    found = [(keys["of"], keys["kind"], keys["change"], len(keys["what"])) for _, keys in told()]
    assert found == [
        ("who", "group", "added", 1),
        ("operators", "permission", "added", 1),
        ("who", "permission", "added", 1),
        ("who", "group", "removed", 1),
        ("who", "permission", "cleared", 1),
    ]
    user.user_permissions.clear()
    assert told() == []


def test_rights__that_end_with_their_holder(told):
    """Whoever deletes a group takes from its members what it allowed."""
    user, group = User.objects.create_user("who"), Group.objects.create(name="operators")
    user.groups.add(group)
    told()
    group.delete()
    user.delete()
    found = [(keys["of"], keys["kind"], keys["change"]) for _, keys in told()]
    assert found == [("operators", "group", "deleted"), ("who", "user", "deleted")]


def test_rights__from_the_other_side(told):
    """A group that is given members, and emptied: who they were is told."""
    user, group = User.objects.create_user("who"), Group.objects.create(name="operators")
    group.user_set.add(user)
    group.user_set.clear()
    found = [(keys["of"], keys["change"], keys["what"]) for _, keys in told()]
    assert found == [("operators", "added", ["who"]), ("operators", "cleared", ["who"])]


def test_rights__that_are_taken_back_have_not_changed(told):
    """Nothing is told of what a transaction did not keep."""
    user = User.objects.create_user("who")
    told()
    with transaction.atomic():
        user.is_superuser = True
        user.save()
        user.groups.add(Group.objects.create(name="operators"))
        transaction.set_rollback(True)
    assert told() == []
