"""Slack: an incoming webhook, or a bot's token and a channel.

Status, ``Retry-After`` and the words of the answer decide what becomes of a message. Slack
has no idempotency key: a message whose answer was lost may stand there twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

import orjson
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zerostate_monitoring.notifiers.addresses import current_policy, url_problem
from zerostate_monitoring.notifiers.answers import Response, judged
from zerostate_monitoring.notifiers.base import (
    Answer,
    Batch,
    Composed,
    DeliveryError,
    Fault,
    Target,
)
from zerostate_monitoring.notifiers.fields import Field, FieldsMixin, Text, secret_names, value_of
from zerostate_monitoring.notifiers.freezing import frozen
from zerostate_monitoring.notifiers.http import line
from zerostate_monitoring.notifiers.subjects import cut, subject
from zerostate_monitoring.notifiers.telling import Row, Telling, opening, tellings
from zerostate_monitoring.notifiers.texts import more

_COLOURS: Final = {"critical": "#d92d20", "error": "#d92d20", "info": "#2563eb"}
_OTHER_COLOUR: Final = "#e8a300"
_RESOLVED_COLOUR: Final = "#2da44e"
_MOST_FIELDS: Final = 10
_LONGEST_SECTION: Final = 2_900
_LONGEST_FIELD: Final = 1_900
_TAKEN: Final = re.compile(r'\s*\{\s*"ok"\s*:\s*true\b')
_TEMPORARY: Final = frozenset(
    {
        *("ratelimited", "rate_limited", "internal_error", "fatal_error", "request_timeout"),
        *("service_unavailable", "team_added_to_org"),
    }
)

_API: Final = Field(
    "api_url",
    _("Address of the API"),
    _("For a bot alone; change it for GovSlack."),
    is_address=True,
    default="https://slack.com/api/chat.postMessage",
)
_FIELDS: Final = (
    Field(
        "url",
        _("Webhook address"),
        _("Of an incoming webhook: https://hooks.slack.com/services/…"),
        is_secret=True,
        is_address=True,
    ),
    Field(
        "token",
        _("Bot token"),
        _("Instead of a webhook; begins with xoxb- and has the scope chat:write."),
        is_secret=True,
        is_sent=True,
    ),
    Field("channel", _("Channel"), _("For a bot: the channel's ID, such as C0123456789.")),
    _API,
)


class SlackNotifier(FieldsMixin):
    """One attachment with a coloured edge for each alert."""

    kind: ClassVar[str] = "slack"
    title: ClassVar[Any] = _("Slack")
    blurb: ClassVar[Text] = _("A channel, by an incoming webhook or a bot.")
    fields: ClassVar[Sequence[Field]] = _FIELDS
    secrets: ClassVar[frozenset[str]] = secret_names(_FIELDS)

    def faults(self, target: Target) -> Sequence[Fault]:
        """See ``Notifier``."""
        return [*self.shape_faults(target), *_faults(target)]

    def compose(self, batch: Batch, target: Target) -> Composed:
        """See ``Notifier``. The payload is the body but for the channel."""
        line_of_all = subject(batch)
        body: dict[str, Any] = {
            "text": escaped(line_of_all),
            "attachments": [_attachment(told) for told in tellings(batch)],
            "unfurl_links": False,
        }
        if notes := [text for text in (opening(batch), more(batch)) if text]:
            body["attachments"].append({"fallback": notes[0], "text": escaped("\n".join(notes))})
        return Composed(line_of_all, frozen(body))

    def send(self, composed: Composed, target: Target, *, key: str, timeout: float) -> Answer:
        """See ``Notifier``."""
        body, headers = dict(composed.payload), {}
        url = target.secrets.get("url", "")
        if token := target.secrets.get("token"):
            url = str(value_of(_API, target))
            headers["Authorization"] = f"Bearer {token}"
            body["channel"] = target.config.get("channel", "")
        with line(url, current_policy(), timeout, target.secrets.values()) as to:
            response = to.post(orjson.dumps(body, option=orjson.OPT_SORT_KEYS), headers)
        answer = judged(response, datetime.now(UTC))
        return _posted(response) if token else _hooked(response, answer)


def escaped(text: str) -> str:
    """``text`` as Slack shows it: nothing in it mentions anybody or is a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def linked(address: str, text: str) -> str:
    """A link with its text; the text alone without an address."""
    shown = escaped(text).replace("|", "¦")
    return f"<{escaped(address).replace('|', '%7C')}|{shown}>" if address else shown


def _attachment(told: Telling) -> dict[str, Any]:
    head = [f"*{linked(told.url, f'{told.state}: {told.name}')}*"]
    head += [escaped(text) for text in (told.summary, told.description) if text]
    if told.runbook:
        head.append(linked(told.runbook, gettext("What to do")))
    shown = [_field(row) for row in told.rows[:_MOST_FIELDS]]
    blocks: list[dict[str, Any]] = [_section("\n".join(head))]
    if shown:
        blocks.append({"type": "section", "fields": shown})
    return {
        "color": _colour(told.tone),
        "fallback": f"{told.state}: {told.name}",
        "blocks": blocks,
    }


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut(text, _LONGEST_SECTION)}}


def _field(row: Row) -> dict[str, str]:
    text = linked(row.href, row.text) if row.href else escaped(row.text)
    return {"type": "mrkdwn", "text": cut(f"*{escaped(row.heading)}*\n{text}", _LONGEST_FIELD)}


def _colour(tone: str) -> str:
    return _RESOLVED_COLOUR if tone == "resolved" else _COLOURS.get(tone, _OTHER_COLOUR)


def _hooked(response: Response, answer: Answer) -> Answer:
    """What an incoming webhook answers: ``ok`` and nothing else."""
    if response.body.strip() == "ok":
        return answer
    if not response.text:
        raise DeliveryError(f"It answers {response.status}, but says nothing and not ok.")
    raise DeliveryError(f"It answers {response.status}, but says {response.text} and not ok.")


def _posted(response: Response) -> Answer:
    """What ``chat.postMessage`` answers: its status is 200 for faults, too."""
    if _TAKEN.match(response.body):
        return Answer("ok", response.status)
    found = re.search(r'"error"\s*:\s*"([a-z_]{1,100})"', response.body)
    word = found[1] if found else ""
    said = word or response.text
    message = f"It answers {response.status} and says nothing."
    if said:
        message = f"It answers {response.status}: {said}"
    is_permanent = bool(word) and word not in _TEMPORARY
    raise DeliveryError(message, is_permanent=is_permanent, status=response.status)


def _faults(target: Target) -> Iterator[Fault]:
    url, token = target.secrets.get("url"), target.secrets.get("token")
    if url and token:
        yield Fault("token", "A webhook is set, too; one of them must go.")
    if not url and not token:
        yield Fault("url", "There is neither a webhook nor a bot's token.")
    if token and not target.config.get("channel"):
        yield Fault("channel", "A bot posts to a channel: which?")
    if token and not all("!" <= character <= "~" for character in token):
        yield Fault("token", "It holds blanks or characters that no header can carry.")
    for name, address in (("url", url), ("api_url", target.config.get("api_url"))):
        is_given = isinstance(address, str) and address
        if is_given and (why := url_problem(str(address), current_policy())):
            yield Fault(name, why)
