"""The mailbox's pages: all mails, one mail, and its HTML for a frame that may do nothing."""

from __future__ import annotations

import base64
from itertools import islice
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin

from example_project.mailbox.files import Mail, mails, read

MOST_SHOWN: Final = 100
# Links of a mail open a page of their own, which is then free to log somebody in.
_SANDBOX: Final = "allow-popups allow-popups-to-escape-sandbox"
_POLICY: Final = f"sandbox {_SANDBOX}; default-src 'none'; img-src data:; style-src 'unsafe-inline'"
_HEAD: Final = "<head>"


def mailbox(request: HttpRequest) -> HttpResponse:
    """All mails, the newest first."""
    return render(request, "mailbox/list.html", {"mails": list(islice(mails(), MOST_SHOWN))})


def mail(request: HttpRequest, name: str) -> HttpResponse:
    """One mail: headers, page and text."""
    return render(request, "mailbox/mail.html", {"mail": _mail(name), "sandbox": _SANDBOX})


@xframe_options_sameorigin
def page(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML of a mail with its pictures in it; no script runs and nothing is fetched."""
    found = _mail(name)
    # Admin may stand in no frame, so a link that stayed in this one would lead nowhere.
    html = found.html.replace(_HEAD, f'{_HEAD}<base target="_blank">', 1)
    for image, content in found.images.items():
        data = base64.b64encode(content).decode()
        html = html.replace(f"cid:{image}", f"data:image/png;base64,{data}")
    response = HttpResponse(html)
    response["Content-Security-Policy"] = _POLICY
    return response


def _mail(name: str) -> Mail:
    found = read(name)
    if found is None:
        raise Http404("There is no such mail.")
    return found
