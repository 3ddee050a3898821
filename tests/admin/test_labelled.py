"""Cells of lists carry the titles of their columns, so that a phone shows them as cards."""

from __future__ import annotations

import pytest
from django.contrib.admin.templatetags.admin_list import ResultList
from django.urls import reverse
from django.utils.safestring import mark_safe

from tests.models.rules import make_rule
from zerostate_monitoring.templatetags.zerostate_lists import labelled

HEADERS: list[dict[str, str]] = [
    {"text": '<input type="checkbox">'},
    {"text": "name"},
    {"text": 'a"<b>'},
]


def row(*cells):
    return ResultList(None, [mark_safe(one) for one in cells])


def test_cells__have_the_titles_of_their_columns():
    """A box has none; a title is a text, whatever is in it; the first cell is of its row."""
    (found,) = labelled(
        [row("<td><input></td>", '<th class="field-name">x</th>', "<td>y</td>")], HEADERS
    )
    assert list(found) == [
        "<td><input></td>",
        '<th scope="row" data-title="Name" class="field-name">x</th>',
        '<td data-title="A&quot;&lt;b&gt;">y</td>',
    ]


def test_cells__that_say_nothing_are_marked():
    """A card leaves them out; a picture or a box says something."""
    for html, is_bare in (("–", True), ("-", True), ("", True), ("0", False), ("<img>", False)):
        (found,) = labelled([row(f"<td>{html}</td>")], HEADERS[1:])
        assert ("data-bare" in found[0]) is is_bare, html


@pytest.mark.django_db
def test_list__is_rendered_with_titles(browser, store):
    """By the template of all of the app's lists."""
    make_rule()
    html = browser.get(reverse("admin:zerostate_monitoring_rule_changelist")).content.decode()
    assert 'data-title="Severity"' in html
