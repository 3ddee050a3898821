"""What pages of the example may load."""

from __future__ import annotations

from django.http import HttpResponse
from django.test import RequestFactory

from example_project.policy import POLICY, ContentSecurityPolicyMiddleware


def answered(**headers):
    middleware = ContentSecurityPolicyMiddleware(lambda _: HttpResponse(headers=headers))
    return middleware(RequestFactory().get("/"))


def test_policy__allows_nothing_inline_and_nothing_from_elsewhere():
    """Neither scripts nor styles in a page, no other host."""
    policy = answered()["Content-Security-Policy"]
    assert policy == POLICY
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_policy__of_a_page_that_has_its_own_stays():
    """The frame of a mail is stricter in one place and laxer in another."""
    own = "sandbox; default-src 'none'"
    assert answered(**{"Content-Security-Policy": own})["Content-Security-Policy"] == own
