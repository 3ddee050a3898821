"""Everybody who asks is the one operator."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse


class OperatorMiddleware:
    """Stands in for a login, which has a test of its own."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = User.objects.get(username="admin")
        response: HttpResponse = self.get_response(request)
        return response
