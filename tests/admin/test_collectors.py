"""Collectors in the admin, the doctor's page, and a project's own site."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.admin import AdminSite
from django.contrib.admin.models import LogEntry
from django.urls import include, path, reverse
from django.utils import timezone

from tests.alerting import rows
from zerostate_monitoring import admin, wiring
from zerostate_monitoring.collectors.signals import run_requested
from zerostate_monitoring.models import Collector, Message, Metric, Node, Receiver

pytestmark = pytest.mark.django_db

LIST = reverse("admin:zerostate_monitoring_collector_changelist")
DOCTOR = reverse("admin:zerostate_monitoring_doctor")


@pytest.fixture
def requested():
    """Names of collectors that somebody asked for, without a broker."""
    names = []

    def receive(sender, name, **kwargs):
        names.append(name)
        return True

    run_requested.disconnect(wiring.request_run)
    run_requested.connect(receive)
    yield names
    run_requested.disconnect(receive)
    run_requested.connect(wiring.request_run)


def test_list__shows_how_runs_went(browser, store, django_assert_max_num_queries):
    """State, age, duration, samples and last error are readable."""
    Collector.objects.filter(name="economic").update(
        last_success_at=timezone.now(),
        failures_in_a_row=2,
        last_error="<b>no route</b>",
        last_error_kind="refused",
        duration_seconds=0.25,
    )

    with django_assert_max_num_queries(10):
        html = browser.get(LIST).content.decode()

    for word in ("failing", "never run", "250 ms", "refused: &lt;b&gt;no route"):
        assert word in html


def test_list__says_of_an_idle_one_why_it_does_not_run(browser, store):
    """“Never run” would send somebody to look for what is wrong."""
    Collector.objects.filter(name="recorded").update(enabled=True)
    html = browser.get(LIST, {"q": "recorded"}).content.decode()
    assert "idle" in html
    assert "never run" not in html
    row = Collector.objects.get(name="recorded")
    url = reverse("admin:zerostate_monitoring_collector_change", args=(row.pk,))
    assert "ZEROSTATE_MONITORING_EXPOSE_RECORDED is False" in browser.get(url).content.decode()


def test_page__lists_absences_with_reasons(browser, store):
    """What a source lacks is a readable list, escaped."""
    row = Collector.objects.get(name="economic")
    Collector.objects.filter(pk=row.pk).update(absent={"zerostate_escrows": "no <table>"})

    url = reverse("admin:zerostate_monitoring_collector_change", args=(row.pk,))
    html = browser.get(url).content.decode()

    assert "<code>zerostate_escrows</code>: no &lt;table&gt;" in html
    assert "collectors.economic.economic" in html


def test_page__only_the_switch_can_be_changed(browser, store):
    """State is written by runs, not by hand."""
    row = Collector.objects.get(name="economic")
    url = reverse("admin:zerostate_monitoring_collector_change", args=(row.pk,))

    browser.post(url, {"samples": 99, "carry": "{}"})

    row.refresh_from_db()
    assert (row.enabled, row.samples) == (False, 0)


def test_run_now__queues_the_task(browser, store, requested):
    """The action asks for a run and says so."""
    chosen = list(Collector.objects.filter(name="economic").values_list("pk", flat=True))

    response = browser.post(LIST, {"action": "run_now", "_selected_action": chosen}, follow=True)

    assert requested == ["economic"]
    assert "economic is queued" in response.content.decode()


def test_run_now__says_when_the_broker_is_away(browser, store):
    """A broker that does not answer is a message, not an error page."""
    run_requested.disconnect(wiring.request_run)
    chosen = [Collector.objects.get(name="economic").pk]
    try:
        response = browser.post(
            LIST, {"action": "run_now", "_selected_action": chosen}, follow=True
        )
    finally:
        run_requested.connect(wiring.request_run)

    assert "could not be queued" in response.content.decode()


def test_run_now__of_code_that_is_gone(browser, store, requested):
    """A row whose code left the project is told apart."""
    row = Collector.objects.create(name="gone")

    response = browser.post(LIST, {"action": "run_now", "_selected_action": [row.pk]}, follow=True)

    assert requested == []
    assert "its code is gone" in response.content.decode()


def page_of(row):
    return reverse("admin:zerostate_monitoring_collector_change", args=(row.pk,))


def run_of(row):
    return reverse("admin:zerostate_monitoring_collector_run", args=(row.pk,))


def test_run_now__from_the_page_of_one(browser, store, requested):
    """Its button queues a run, says so there, and leaves a line in the log."""
    row = Collector.objects.get(name="economic")
    html = browser.get(page_of(row)).content.decode()
    assert 'form="zsm-run"' in html
    assert '<form id="zsm-run" method="post" action="../run/">' in html

    response = browser.post(run_of(row), follow=True)

    assert requested == ["economic"]
    assert response.redirect_chain[0][0] == page_of(row)
    assert "economic is queued" in response.content.decode()
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.change_message) == (str(row.pk), "Queued to run now.")


def test_run_now__needs_a_post(browser, store, requested):
    """A link that is followed runs nothing."""
    row = Collector.objects.get(name="economic")
    assert browser.get(run_of(row)).headers["Location"] == page_of(row)
    assert requested == []
    assert not LogEntry.objects.exists()


def test_run_now__of_an_app_that_is_switched_off(browser, store, requested, settings):
    """Nothing is queued, and why is said."""
    settings.ZEROSTATE_MONITORING_ENABLED = False
    html = browser.post(run_of(Collector.objects.get(name="economic")), follow=True)
    assert "ZEROSTATE_MONITORING_ENABLED" in html.content.decode()
    assert requested == []


def test_viewer__may_not_run(viewer, store, requested):
    """Who may only look cannot queue anything, and is shown no button."""
    row = Collector.objects.get(name="economic")

    viewer.post(LIST, {"action": "run_now", "_selected_action": [row.pk]})
    assert viewer.post(run_of(row)).status_code == 403

    assert requested == []
    assert "zsm-run" not in viewer.get(page_of(row)).content.decode()


def test_doctor__page_shows_findings(browser, monkeypatch):
    """The doctor's page has the findings with advice, what is broken first, without a store."""
    from zerostate_monitoring.doctor.finding import error, ok

    found = [ok("a", "fine"), error("b", "<x>", "do")]
    monkeypatch.setattr("zerostate_monitoring.doctor.examination.examine", lambda: found)

    html = browser.get(DOCTOR).content.decode()

    assert "1 thing does not work" in html
    assert html.index("&lt;x&gt;") < html.index("fine")


def test_doctor__is_linked(browser, store):
    """The way to it is on the app's page and on the lists."""
    assert "collector/doctor/" in browser.get("/admin/zerostate_monitoring/").content.decode()
    assert "collector/doctor/" in browser.get(LIST).content.decode()


def test_doctor__asks_for_permission(client, django_user_model):
    """Staff without rights on collectors do not see how the installation is."""
    client.force_login(django_user_model.objects.create_user("nobody", is_staff=True))

    assert client.get(DOCTOR).status_code == 403


def letter():
    """A silence that holds an alert back, and a dead letter, so that pages have links."""
    now = timezone.now()
    alert = rows.alert(node="n1")
    rows.silence('node="n1"', now, now + timedelta(hours=1))
    receiver = Receiver.objects.create(name="ops", kind="webhook")
    return Message.objects.create(
        key="k", receiver=receiver, receiver_name="ops", payload={"a": alert.pk}, state="dead",
        created_at=now, ended_at=now, attempts=1,
    )  # fmt: skip


MINE = AdminSite(name="mine")
admin.register(MINE)
urlpatterns = [path("mine/", MINE.urls), path("", include("tests.urls"))]


def test_register__twice_is_no_error():
    """A project may register on a site that has some of the classes."""
    admin.register(MINE)

    assert {Metric, Node, Collector, Receiver} <= set(MINE._registry)


@pytest.mark.urls(__name__)
def test_register__on_a_projects_own_site(browser, store, requested):
    """Every page of the app opens there, and every link on it stays there."""
    node = Node.objects.create(name="n1", base_url="http://127.0.0.1:1")
    row, metric = Collector.objects.get(name="economic"), Metric.objects.first()
    dead = letter()
    base = "/mine/zerostate_monitoring/"
    pages = [
        f"{base}",
        *(f"{base}{name}/" for name in ("metric", "node", "collector")),
        *(f"{base}{name}" for name in ("node/add/", "node/import/", "collector/doctor/")),
        *(f"{base}{name}" for name in ("silence/", "silence/calendar/", "maintenancewindow/")),
        *(f"{base}message/{name}" for name in ("", "delivery/", f"resend/?pk={dead.pk}")),
        f"{base}node/{node.pk}/maintenance/",
        *(f"{base}{r._meta.model_name}/{r.pk}/change/" for r in (node, row, metric)),
        *(f"{base}{r._meta.model_name}/{r.pk}/history/" for r in (node, row, metric)),
    ]

    for page in pages:
        response = browser.get(page)
        assert response.status_code == 200, page
        ways = re.findall(r'(?:href|action)="(/[^"]*)"', response.content.decode())
        # "/" is the site itself, which the admin offers to view.
        elsewhere = [way for way in ways if not way.startswith(("/mine/", "/static/"))]
        assert set(elsewhere) <= {"/"}, page

    scraped = browser.post(f"{base}node/{node.pk}/scrape/")
    assert scraped["Location"] == f"{base}node/{node.pk}/change/"
    action = {"action": "run_now", "_selected_action": [row.pk]}
    assert browser.post(f"{base}collector/", action)["Location"] == f"{base}collector/"
    assert requested == ["economic"]


def test_delete__not_while_there_is_code(browser, store):
    """The row holds what purged rows had counted: without it counters would fall."""
    row = Collector.objects.get(name="economic")
    page = reverse("admin:zerostate_monitoring_collector_change", args=(row.pk,))
    delete = reverse("admin:zerostate_monitoring_collector_delete", args=(row.pk,))
    action = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}

    assert delete not in browser.get(page).content.decode()
    assert browser.post(delete, {"post": "yes"}).status_code == 403
    assert browser.post(LIST, action).status_code == 403
    assert Collector.objects.filter(pk=row.pk).exists()


def test_delete__of_a_name_that_no_code_has(browser, store):
    """What is lost is said before, on either way to it."""
    one, other = (Collector.objects.create(name=name) for name in ("gone", "past"))
    url = reverse("admin:zerostate_monitoring_collector_delete", args=(one.pk,))
    action = {"action": "delete_selected", "_selected_action": [other.pk]}

    for response in (browser.get(url), browser.post(LIST, action)):
        assert "loses the counts of what its source has purged" in response.content.decode()
    browser.post(url, {"post": "yes"})
    browser.post(LIST, {**action, "post": "yes"})

    assert not Collector.objects.filter(name__in=["gone", "past"]).exists()


def test_delete__a_selection_with_code_in_it(browser, store):
    """One that may not go keeps the others, too, and nothing is said to be lost."""
    gone = Collector.objects.create(name="gone")
    chosen = [gone.pk, Collector.objects.get(name="economic").pk]
    action = {"action": "delete_selected", "_selected_action": chosen}

    html = browser.post(LIST, action).content.decode()

    assert "loses the counts" not in html
    assert browser.post(LIST, {**action, "post": "yes"}).status_code == 403
    assert Collector.objects.filter(pk=gone.pk).exists()


def test_off__nothing_is_run(browser, settings, requested):
    """The action refuses and names the setting; lists do not blame the store."""
    settings.ZEROSTATE_MONITORING_ENABLED = False
    chosen = [Collector.objects.get(name="economic").pk]

    html = browser.post(
        LIST, {"action": "run_now", "_selected_action": chosen}, follow=True
    ).content.decode()

    assert requested == []
    assert html.count("Monitoring is switched off (ZEROSTATE_MONITORING_ENABLED)") == 2
    assert "The store does not answer" not in html


def test_off__the_doctors_page_says_so(browser, settings):
    """One finding, and no error."""
    settings.ZEROSTATE_MONITORING_ENABLED = False

    html = browser.get(DOCTOR).content.decode()

    assert "monitoring is switched off (ZEROSTATE_MONITORING_ENABLED)" in html
    assert "Nothing else was examined." in html
    assert "It works" not in html


def test_enabled__off_leaves_the_pages_open(browser, settings):
    """Switched off, the lists still open."""
    settings.ZEROSTATE_MONITORING_ENABLED = False

    for name in ("metric", "node", "collector"):
        url = reverse(f"admin:zerostate_monitoring_{name}_changelist")
        assert browser.get(url).status_code == 200
