"""Who may ask: a token, or a session of staff; never another site."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.test import Client

from tests.api.conftest import TOKEN

QUERY = "/monitoring/api/v1/query?query=1"
FORM = "/monitoring/api/v1/query"


def refusal(response):
    document = response.json()
    assert document["status"] == "error"
    assert response["Content-Type"] == "application/json"
    return response.status_code, document["errorType"]


def bearer(token):
    return Client(enforce_csrf_checks=True, headers={"authorization": f"Bearer {token}"})


@pytest.fixture(autouse=True)
def _token(history, settings):
    settings.ZEROSTATE_MONITORING_API_TOKEN = TOKEN


def test_token__opens_by_get_and_post():
    """A program sends no CSRF token."""
    client = bearer(TOKEN)
    assert client.get(QUERY).status_code == 200
    assert client.post(FORM, {"query": "1"}).status_code == 200
    assert Client(headers={"authorization": f"bearer  {TOKEN} "}).get(QUERY).status_code == 200


@pytest.mark.parametrize("token", ["", "wrong", TOKEN + "x", TOKEN[:-1], "schlüssel"])
def test_token__another_is_refused(token):
    """With a header that says how to ask."""
    response = bearer(token).get(QUERY)
    assert refusal(response) == (401, "unauthorized")
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_token__a_wrong_one_is_not_helped_by_a_session(staff):
    """Who sends a token is judged by it."""
    response = staff.get(QUERY, headers={"authorization": "Bearer wrong"})
    assert refusal(response) == (401, "unauthorized")


def test_token__none_is_set(settings):
    """The empty token opens nothing, and the answer says which setting to set."""
    settings.ZEROSTATE_MONITORING_API_TOKEN = ""
    for client in (bearer(""), bearer("x"), Client()):
        response = client.get(QUERY)
        assert refusal(response) == (401, "unauthorized")
        assert "ZEROSTATE_MONITORING_API_TOKEN" in response.json()["error"]


def test_nobody__is_refused():
    """Neither token nor session; whatever is asked, also what is not there."""
    for path in (QUERY, FORM, "/monitoring/api/v1/nothing"):
        assert refusal(Client().get(path)) == (401, "unauthorized")
        assert refusal(Client().post(path)) == (401, "unauthorized")


def test_session__of_staff_opens(staff):
    """A GET needs nothing else."""
    assert staff.get(QUERY).status_code == 200


def test_session__post_needs_the_csrf_token(staff):
    """A form of another site asks nothing in a user's name."""
    assert refusal(staff.post(FORM, {"query": "1"})) == (403, "forbidden")
    staff.get("/admin/password_change/")
    token = staff.cookies["csrftoken"].value
    response = staff.post(FORM, {"query": "1"}, headers={"x-csrftoken": token})
    assert response.status_code == 200
    response = staff.post(FORM, {"query": "1", "csrfmiddlewaretoken": token})
    assert response.status_code == 200


def test_session__post_that_is_too_large(staff, settings):
    """Refused as such, before anything looks for a token in it."""
    staff.get("/admin/password_change/")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    body = {"data": "query=" + "x" * 200, "content_type": "application/x-www-form-urlencoded"}
    assert refusal(staff.post(FORM, **body)) == (413, "bad_data")


@pytest.mark.parametrize("changes", [{"is_staff": False}, {"is_active": False}])
def test_session__of_anybody_else_is_refused(staff, changes):
    """A customer is no operator, and who has left is nobody."""
    User.objects.update(**changes)
    status, kind = refusal(staff.get(QUERY))
    assert (status, kind) in {(403, "forbidden"), (401, "unauthorized")}


def test_session__without_users():
    """A project without Django's authentication has tokens alone."""
    assert not AnonymousUser().is_staff
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "django.contrib.auth.middleware.AuthenticationMiddleware.process_request",
            lambda self, request: None,
        )
        assert refusal(Client().get(QUERY)) == (401, "unauthorized")
        assert bearer(TOKEN).get(QUERY).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "TRACE"])
def test_method__none_but_get_and_post(method):
    """Nothing can be written."""
    response = bearer(TOKEN).generic(method, QUERY)
    assert response.status_code == 405
    assert response["Allow"] == "GET, OPTIONS, POST"


def test_method__of_what_is_only_read():
    """As in Prometheus, three endpoints take no form."""
    for path in ("label/job/values", "metadata", "status/buildinfo"):
        response = bearer(TOKEN).post(f"/monitoring/api/v1/{path}")
        assert (response.status_code, response["Allow"]) == (405, "GET, OPTIONS")


def test_options__are_told():
    """Without a body."""
    response = bearer(TOKEN).options(QUERY)
    assert (response.status_code, response.content) == (204, b"")


@pytest.mark.parametrize("path", ["nothing", "query/", "label/job", "label//values", "admin/tsdb"])
def test_endpoint__that_is_not_there(path):
    """In JSON, with what there is."""
    response = bearer(TOKEN).get(f"/monitoring/api/v1/{path}")
    assert refusal(response) == (404, "not_found")
    assert "query_range" in response.json()["error"]


def test_switched_off__says_so(settings):
    """ENABLED = False."""
    settings.ZEROSTATE_MONITORING_ENABLED = False
    assert refusal(bearer(TOKEN).get(QUERY)) == (503, "unavailable")


def test_answers__are_not_kept(staff):
    """No cache between has another user's numbers."""
    assert "no-store" in staff.get(QUERY)["Cache-Control"]
