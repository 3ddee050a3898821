"""Nodes in the admin."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from zerostate_monitoring.models import Node

pytestmark = pytest.mark.django_db

LIST = reverse("admin:zerostate_monitoring_node_changelist")
IMPORT = reverse("admin:zerostate_monitoring_node_import")
FORM = {
    "name": "n1",
    "role": "edge",
    "base_url": "http://n1.example",
    "enabled": "on",
    "labels": "{}",
}
CSV = "name,role,base_url\nn1,edge,http://n1.example\n"


def page_of(node):
    return reverse("admin:zerostate_monitoring_node_change", args=(node.pk,))


def test_form__secrets_go_in_and_never_come_out(browser, store):
    """A saved secret is on no page; an empty field keeps it; the box clears it."""
    browser.post(LIST + "add/", {**FORM, "token": "s3cret", "ca_certificate": "PEM"})
    node = Node.objects.get()
    assert (node.token, node.ca_certificate) == ("s3cret", "PEM")

    html = browser.get(page_of(node)).content.decode()
    assert "s3cret" not in html
    assert ">PEM" not in html
    assert "Set, and not shown" in html

    browser.post(page_of(node), FORM)
    node.refresh_from_db()
    assert (node.token, node.ca_certificate) == ("s3cret", "PEM")

    browser.post(page_of(node), {**FORM, "clear_token": "on"})
    node.refresh_from_db()
    assert (node.token, node.ca_certificate) == ("", "PEM")


def test_form__a_secret_is_not_shown_after_an_error(browser, store):
    """A form with faults does not send the secret back either."""
    html = browser.post(LIST + "add/", {**FORM, "role": "king", "token": "s3cret"}).content.decode()

    assert "s3cret" not in html


def test_form__a_token_does_not_follow_the_node_to_another_address(browser, store):
    """Whoever changes the address must know the token, or leave it behind."""
    node = Node.objects.create(name="n1", base_url="http://n1.example", token="s3cret")
    moved = {**FORM, "base_url": "http://n1.example:81"}

    html = browser.post(page_of(node), moved).content.decode()
    assert "Enter it again or clear it" in html
    node.refresh_from_db()
    assert (node.base_url, node.token) == ("http://n1.example", "s3cret")

    browser.post(page_of(node), {**moved, "clear_token": "on"})
    node.refresh_from_db()
    assert (node.base_url, node.token) == ("http://n1.example:81", "")


def test_form__a_token_stays_where_only_the_path_changes(browser, store):
    """The same scheme, host and port are the same node."""
    node = Node.objects.create(name="n1", base_url="http://n1.example", token="s3cret")

    browser.post(page_of(node), {**FORM, "base_url": "http://n1.example/node"})

    node.refresh_from_db()
    assert (node.base_url, node.token) == ("http://n1.example/node", "s3cret")


def test_viewer__learns_which_secrets_are_set_and_not_what_they_are(viewer, store):
    """Without the right to change, no secret is on the page, nor can it be guessed by filters."""
    node = Node.objects.create(
        name="n1", base_url="http://n1.example", token="s3cret", client_key="the-k3y"
    )

    html = viewer.get(page_of(node)).content.decode()
    assert "token, client key" in html
    assert "s3cret" not in html
    assert "the-k3y" not in html
    assert viewer.get(LIST, {"token__startswith": "s3"}).status_code in {302, 400}
    assert viewer.get(LIST, {"client_key__contains": "k"}).status_code in {302, 400}


def test_form__takes_a_metrics_path(browser, store):
    """The path is entered beside the address; what is no path is refused in words."""
    html = browser.post(LIST + "add/", {**FORM, "metrics_path": "x/y"}).content.decode()
    assert "Enter a path such as /metrics" in html

    browser.post(LIST + "add/", {**FORM, "metrics_path": "/metrics/legacy"})
    assert Node.objects.get().metrics_path == "/metrics/legacy"


def test_form__a_reference_is_shown(browser, store):
    """env:NAME is no secret, and an operator wants to see it."""
    node = Node.objects.create(name="n1", base_url="http://n1.example", token="env:TOKEN")

    assert "Now env:TOKEN" in browser.get(page_of(node)).content.decode()


def test_list__shows_how_nodes_are(browser, store, django_assert_max_num_queries):
    """Up, down, unknown and disabled are words, with latency, samples and error."""
    for name in ("a-up", "b-down", "c-new"):
        Node.objects.create(name=name, base_url="http://x.example")
    Node.objects.create(name="d-off", base_url="http://x.example", enabled=False)
    store.note("node", {"a-up": {"up": True, "duration": 0.02, "samples": 1200, "at": 1.0}})
    store.note(
        "node", {"b-down": {"up": False, "duration": 0.007, "error": "<b>refused</b>", "at": 1.0}}
    )

    with django_assert_max_num_queries(10):
        html = browser.get(LIST).content.decode()

    for word in (" up<", " down<", " unknown<", " disabled<", "20 ms", "&lt;b&gt;refused"):
        assert word in html
    assert "<b>refused" not in html
    # How fast b-down was refused is no latency.
    assert "7 ms" not in html


def test_list__opens_while_the_store_is_away(browser):
    """Rows are there without a store."""
    Node.objects.create(name="n1", base_url="http://n1.example")

    html = browser.get(LIST).content.decode()

    assert "n1" in html
    assert "The store does not answer" in html


def test_scrape_now__tells_what_the_node_answered(browser, store, node_server):
    """The button asks the node and shows families, samples and time."""
    node = Node.objects.create(name="n1", base_url=node_server)
    url = reverse("admin:zerostate_monitoring_node_scrape", args=(node.pk,))

    html = browser.post(url, follow=True).content.decode()

    assert "n1 answered" in html
    assert "1 sample" in html
    assert store.snapshot().frames == {}


def test_scrape_now__tells_what_went_wrong(browser, store):
    """The action shows the kind and the text of the error."""
    node = Node.objects.create(name="n1", base_url="http://127.0.0.1:1")

    html = browser.post(
        LIST, {"action": "scrape_now", "_selected_action": [node.pk]}, follow=True
    ).content.decode()

    assert "n1: refused" in html


def test_scrape_now__a_secret_that_is_nowhere(browser, store):
    """A reference that leads nowhere is told by its name."""
    node = Node.objects.create(
        name="n1", base_url="http://127.0.0.1:1", token="env:ZEROSTATE_NODE_NOT_SET"
    )
    url = reverse("admin:zerostate_monitoring_node_scrape", args=(node.pk,))

    assert (
        "env:ZEROSTATE_NODE_NOT_SET is not set" in browser.post(url, follow=True).content.decode()
    )


def test_viewer__may_neither_scrape_nor_import(viewer, store):
    """Who may only look cannot make the server ask anybody."""
    node = Node.objects.create(name="n1", base_url="http://127.0.0.1:1")
    url = reverse("admin:zerostate_monitoring_node_scrape", args=(node.pk,))

    assert viewer.post(url).status_code == 403
    assert viewer.get(IMPORT).status_code == 403
    assert viewer.post(IMPORT, {"text": CSV}).status_code == 403
    assert not viewer.get(LIST).context["action_form"]


def test_scrape_now__by_get_asks_nobody(browser, store, node_server):
    """A link or a prefetch has no effect."""
    node = Node.objects.create(name="n1", base_url=node_server)
    url = reverse("admin:zerostate_monitoring_node_scrape", args=(node.pk,))

    assert "n1 answered" not in browser.get(url, follow=True).content.decode()


def test_import__preview_then_import(browser, store):
    """A preview changes nothing; the import does."""
    data = {"text": CSV, "document_format": "csv", "origin": "csv"}

    html = browser.post(IMPORT, {**data, "_preview": "1"}).content.decode()
    assert "add n1" in html
    assert not Node.objects.exists()

    html = browser.post(IMPORT, {**data, "_import": "1"}, follow=True).content.decode()
    assert "1 added" in html
    assert Node.objects.get().origin == "csv"


def test_import__is_refused_where_the_app_is_switched_off(browser, settings):
    """As the command: nothing changes, and the page says why."""
    settings.ZEROSTATE_MONITORING_ENABLED = False
    data = {"text": CSV, "document_format": "csv", "origin": "csv", "_import": "1"}

    html = browser.post(IMPORT, data).content.decode()

    assert "Monitoring is switched off" in html
    assert not Node.objects.exists()


def test_import__tells_whose_secrets_are_cleared(browser, store):
    """A document that moves a node leaves its token behind, and the preview says so."""
    Node.objects.create(name="n1", base_url="http://old.example", token="s3cret", origin="csv")
    data = {"text": CSV, "document_format": "csv", "origin": "csv", "_preview": "1"}

    html = browser.post(IMPORT, data).content.decode()

    assert "clear the secrets of n1: another address" in html


def test_import__takes_a_file_and_names_bad_lines(browser, store):
    """A bad line refuses the whole document; the message says which."""
    file = SimpleUploadedFile("nodes.csv", (CSV + "n 2,edge,ftp://x\n").encode())
    data = {"file": file, "document_format": "csv", "origin": "csv", "_import": "1"}

    html = browser.post(IMPORT, data).content.decode()

    assert "row 3" in html
    assert not Node.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"text": ""}, "Choose a file or enter a text"),
        ({"file": SimpleUploadedFile("x.csv", b"\xff\xfe")}, "not UTF-8"),
    ],
)
def test_import__refuses_what_it_cannot_read(browser, store, data, words):
    """No text and no UTF-8 are told beside the form."""
    response = browser.post(IMPORT, {**data, "document_format": "csv", "origin": "csv"})

    assert words in response.content.decode()


def test_bulk__disabling_takes_series_off_the_page(
    browser, store, monkeypatch, django_capture_on_commit_callbacks
):
    """Rows changed in bulk send no signals, so the action does it."""
    from zerostate_monitoring.collectors import nodes

    forgotten = []
    monkeypatch.setattr(nodes, "forget", forgotten.extend)
    node = Node.objects.create(name="n1", base_url="http://n1.example")

    with django_capture_on_commit_callbacks(execute=True):
        browser.post(LIST, {"action": "disable", "_selected_action": [node.pk]})

    assert forgotten == ["n1"]
