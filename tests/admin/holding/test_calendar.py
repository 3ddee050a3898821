"""The calendar of silences and maintenance windows, and the strips above their lists."""

from __future__ import annotations

import json
from datetime import time, timedelta
from html import unescape

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.urls import reverse
from django.utils import timezone

from tests.alerting import rows
from zerostate_monitoring.admin.holding.adjusting import seen_of
from zerostate_monitoring.admin.seen import SEEN
from zerostate_monitoring.models import AlertEvent, MaintenanceWindow, Silence

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:zerostate_monitoring_calendar")
ADJUST = reverse("admin:zerostate_monitoring_calendar_adjust")
LIST = reverse("admin:zerostate_monitoring_silence_changelist")
WINDOWS = reverse("admin:zerostate_monitoring_maintenancewindow_changelist")
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def html(response):
    assert response.status_code == 200
    return unescape(response.content.decode())


def silence(matchers="alertname=NodeDown", starts=-HOUR, ends=HOUR, **fields):
    now = timezone.now()
    return rows.silence(matchers, now + starts, now + ends, **fields)


def window(name="backup", starts=-HOUR, ends=HOUR, **fields):
    now = timezone.now()
    times = {"starts_at": now + starts, "ends_at": now + ends}
    return rows.window(name, "alertname=NodeDown", **{**times, **fields})


def weekly(name="nightly", **fields):
    times = {"weekdays": list(range(7)), "start_time": time(2), "end_time": time(4)}
    return rows.window(
        name, "layer=economic", kind="weekly", starts_at=None, ends_at=None, **times, **fields
    )


def adjust(client, row, what, query="", **fields):
    kind = "silence" if isinstance(row, Silence) else "window"
    data = {"kind": kind, "pk": row.pk, "seen": seen_of(row), "what": what, **fields}
    return client.post(f"{ADJUST}{query}", data, follow=True)


def line_of(response, name):
    return next(one for one in response.context["lines"] if one.name == name)


def test_page__shows_both_with_what_they_hit_and_who_made_them(browser):
    """What holds back now first, then what comes, then what is over."""
    rows.alert(node="edge-7")
    silence(comment="disks", author="ada")
    silence(starts=2 * DAY, ends=3 * DAY, comment="switch", author="grace")
    silence(starts=-3 * DAY, ends=-2 * DAY, comment="kernel")
    window(comment="racks move")
    response = browser.get(PAGE)
    names = [line.name for line in response.context["lines"]]
    assert set(names[:2]) == {"disks", "backup"}
    assert names[2:] == ["switch", "kernel"]
    assert line_of(response, "disks").told == "Holds 1 firing alert back."
    assert line_of(response, "disks").who == "ada"
    assert line_of(response, "switch").told == "Would hold 1 of the alerts back that fire now."
    assert line_of(response, "kernel").told == "Held nothing back."
    assert "racks move" in html(response)


def test_page__counts_what_was_held_back_by_what_is_over(browser):
    """As the trails of alerts say: each alert once."""
    past = silence(starts=-3 * DAY, ends=-2 * DAY, comment="kernel")
    for node in ("1", "2"):
        alert = rows.alert(node=node)
        for _ in range(2):
            AlertEvent.objects.create(
                alert=alert,
                kind="suppressed",
                at=past.starts_at,
                detail={"kind": "silence", "pk": past.pk, "reason": "x"},
            )
    AlertEvent.objects.create(
        alert=rows.alert(node="3"), kind="suppressed", at=past.starts_at, detail={"pk": "odd"}
    )
    assert line_of(browser.get(PAGE), "kernel").told == "Held back 2 alerts."


def test_page__unfolds_what_comes_every_week(browser):
    """A bar for each of the days; those that are switched off are counted, not drawn."""
    weekly()
    weekly("off", enabled=False)
    response = browser.get(PAGE, {"past": 2, "next": 3})
    assert response.context["picture"].count("<rect") in {5, 6}
    assert "more times in these days" in line_of(response, "nightly").when
    assert "1 window is switched off and not shown." in html(response)


@pytest.mark.parametrize(
    ("asked", "seen"),
    [
        ({}, {"near", "soon"}),
        ({"past": "30", "next": "60"}, {"near", "soon", "far", "long ago"}),
        ({"past": "0", "next": "1"}, {"near"}),
        ({"past": "x", "next": "-3"}, {"near", "soon"}),
        ({"past": "99999999999999999999", "next": "1e9"}, {"near", "soon"}),
    ],
)
def test_days__are_those_that_were_asked_for(browser, asked, seen):
    """What is no number of days is said beside the field, and the usual is shown."""
    silence(comment="near")
    silence(starts=5 * DAY, ends=6 * DAY, comment="soon")
    silence(starts=40 * DAY, ends=41 * DAY, comment="far")
    silence(starts=-20 * DAY, ends=-19 * DAY, comment="long ago")
    response = browser.get(PAGE, asked)
    assert {line.name for line in response.context["lines"]} == seen
    assert bool(response.context["days"].errors) is any(
        not text.isdecimal() or len(text) > 2 for text in asked.values()
    )


def test_buttons__say_until_when_and_what_is_told(browser):
    """Nothing is done that the page has not said before."""
    rows.alert(node="edge-7")
    row = silence(comment="disks")
    line = line_of(browser.get(PAGE), "disks")
    until = timezone.localtime(row.ends_at + 4 * HOUR)
    assert f"Extend by 4h, until {until:%a %Y-%m-%d %H:%M}" in [b.text for b in line.extending]
    assert line.ending.text.startswith("End now: 1 firing alert is told")


def test_extend__moves_the_end_and_is_written_down(browser):
    """The end is the one that the button said, the reminder comes again, the log says who."""
    row = silence()
    Silence.objects.filter(pk=row.pk).update(reminded_at=timezone.now())
    response = adjust(browser, row, "4h", query="?past=3&next=5")
    before, row = row.ends_at, Silence.objects.get()
    assert row.ends_at == before + 4 * HOUR
    assert row.reminded_at is None
    assert response.redirect_chain[0][0] == f"{PAGE}?past=3&next=5"
    entry = LogEntry.objects.get()
    assert (entry.user.username, entry.object_id) == ("root", str(row.pk))
    assert entry.get_change_message().startswith("Extended until ")


def test_end__ends_it_and_says_that_what_fires_is_told(browser):
    """One that has not begun ends before it does anything."""
    row, coming = silence(), silence(starts=DAY, ends=2 * DAY)
    assert "what still fires is told" in html(adjust(browser, row, "end"))
    adjust(browser, coming, "end")
    assert not Silence.objects.filter(ends_at__gt=timezone.now()).exists()
    assert LogEntry.objects.filter(change_message="Ended.").count() == 2


def test_window__is_extended_ended_or_switched_off(browser):
    """One that lasts ends; one that has not begun, or comes every week, is switched off."""
    open_one, coming, often = window(), window("later", DAY, 2 * DAY), weekly()
    before = open_one.ends_at
    adjust(browser, open_one, "1d")
    open_one.refresh_from_db()
    assert open_one.ends_at == before + DAY
    adjust(browser, open_one, "end")
    adjust(browser, coming, "end")
    adjust(browser, often, "disable")
    found = dict(MaintenanceWindow.objects.values_list("name", "enabled"))
    assert found == {"backup": True, "later": False, "nightly": False}
    open_one.refresh_from_db()
    assert open_one.ends_at <= timezone.now()
    assert LogEntry.objects.count() == 4


def test_two_operators__the_second_is_told_and_nothing_is_done(browser):
    """Who was quicker, what they did, and how it stands now."""
    row = silence(comment="disks")
    other = Silence.objects.get()
    adjust(browser, row, "1h")
    text = html(adjust(browser, other, "end"))
    assert "Root changed it meanwhile (Extended until" in text
    assert "Nothing was done." in text
    assert Silence.objects.get().ends_at == row.ends_at + HOUR
    assert LogEntry.objects.count() == 1


def test_two_operators__at_one_window(browser):
    """Switched off by the one, it is not extended by the other."""
    row = window()
    other = MaintenanceWindow.objects.get()
    adjust(browser, row, "disable")
    assert "changed it meanwhile" in html(adjust(browser, other, "1h"))
    assert MaintenanceWindow.objects.get().ends_at == row.ends_at


def test_two_operators__at_one_form(browser):
    """What somebody else has saved since the form was opened is not written over."""
    row = silence(starts=DAY, ends=2 * DAY)
    url = reverse("admin:zerostate_monitoring_silence_change", args=(row.pk,))
    seen = browser.get(url).context["adminform"].form.seen
    Silence.objects.filter(pk=row.pk).update(comment="by another")
    data = {
        "matchers": row.matchers,
        "comment": "mine",
        "ends_at_0": f"{row.ends_at:%Y-%m-%d}",
        "ends_at_1": f"{row.ends_at:%H:%M:%S}",
    }
    text = html(browser.post(url, {**data, SEEN: seen}))
    assert "Somebody else has changed this since you opened it" in text
    assert "by another" in text
    assert "mine" in text
    assert Silence.objects.get().comment == "by another"


@pytest.mark.parametrize("name", ["end", "extend"])
def test_two_operators__at_the_buttons_of_one_page(browser, name):
    """The end that stood on the page is not the one that there is: nothing is done."""
    row = silence(comment="disks")
    page = browser.get(reverse("admin:zerostate_monitoring_silence_change", args=(row.pk,)))
    assert f'name="seen-{row.pk}" value="{seen_of(row)}"' in html(page)
    url = reverse(f"admin:zerostate_monitoring_silence_{name}", args=(row.pk,))
    adjust(browser, row, "4h")
    seen = {f"seen-{row.pk}": seen_of(row)}
    assert "changed it meanwhile" in html(browser.post(url, seen, follow=True))
    assert Silence.objects.get().ends_at == row.ends_at + 4 * HOUR


def test_form__what_the_machinery_notes_is_no_other_operator(browser):
    """A reminder that was sent meanwhile refuses nobody's edit."""
    row = silence(starts=DAY, ends=2 * DAY)
    url = reverse("admin:zerostate_monitoring_silence_change", args=(row.pk,))
    digests = [json.loads(browser.get(url).context["adminform"].form.seen)]
    Silence.objects.filter(pk=row.pk).update(reminded_at=timezone.now(), had_alerts=True)
    digests.append(json.loads(browser.get(url).context["adminform"].form.seen))
    assert digests[0] | {"at": 0} == digests[1] | {"at": 0}


def test_too_long__is_left_to_the_form_that_asks(browser):
    """Thirty days are not passed by clicking again and again."""
    row = silence(ends=30 * DAY - HOUR)
    assert "Edit it, and confirm" in html(adjust(browser, row, "1d"))
    assert Silence.objects.get().ends_at == row.ends_at


@pytest.mark.parametrize("what", ["", "2h", "delete", "disable", "x" * 10_000])
def test_unknown_doings__do_nothing(browser, what):
    """Whatever is sent, the silence stays."""
    row = silence()
    assert adjust(browser, row, what).status_code == 200
    assert Silence.objects.get().ends_at == row.ends_at
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("key", ["99", "x", "", "9" * 40, "1 OR 1=1"])
def test_unknown_rows__are_not_found(browser, key):
    """No key gives an error page."""
    data = {"kind": "silence", "pk": key, "seen": "", "what": "end"}
    assert browser.post(ADJUST, data).status_code == 404


def test_adjusting__needs_a_post(browser):
    """A link that is only looked at changes nothing."""
    assert browser.get(ADJUST).status_code == 405


def test_hostile_texts__are_texts(browser):
    """Markup, scripts, directions and ten kilobytes: shown, cut, and nothing else."""
    bad = "<script>alert(1)</script>\u202egnp.exe " + "x" * 10_000
    silence(f'node="{bad[:5000]}"', comment=bad, author="<b>eve</b>")
    for url in (PAGE, LIST):
        text = browser.get(url).content.decode()
        assert "<script>alert" not in text
        assert "<b>eve" not in text
    page = browser.get(PAGE).content.decode()
    assert "\u202e" not in page
    assert len(page) < 60_000


def test_broken__stands_first_and_says_that_it_holds_nothing_back(browser):
    """A row that was written past the form, and a zone that is no more."""
    silence('node=~"(["', comment="broken")
    weekly(zone="Mars/Olympus")
    response = browser.get(PAGE)
    assert [line.entry.standing for line in response.context["lines"]] == ["broken", "broken"]
    told = [line.told for line in response.context["lines"]]
    assert all(text.startswith("It holds nothing back") for text in told)
    assert any("Mars/Olympus" in text for text in told)


def test_page__asks_no_more_for_more_rows(browser, django_assert_max_num_queries):
    """Fewer than ten questions, however many silences, windows and alerts there are."""
    for n in range(30):
        rows.alert(node=str(n))
        silence(comment=str(n))
        window(str(n))
    with django_assert_max_num_queries(9):
        browser.get(PAGE)


@pytest.mark.parametrize("hour", [3, 12])
def test_page__weighs_little_however_much_stands_on_it(browser, hour):
    """Each of many silences hits each of many alerts; windows of each night hold now, or later."""
    with time_machine.travel(timezone.now().replace(hour=hour)):
        for n in range(60):
            rows.alert(node=str(n))
            silence(comment=str(n))
        for n in range(20):
            weekly(f"w{n}")
        page = browser.get(PAGE, {"past": 90, "next": 90})
    assert page.status_code == 200
    assert len(page.content) < 300_000


def test_page__is_bounded(browser):
    """Very many silences are cut, and it says so."""
    for n in range(100):
        silence(comment=str(n))
    response = browser.get(PAGE)
    assert len(response.context["lines"]) == 60
    assert "There are more than are shown" in html(response)


def test_empty__says_so(browser):
    """No picture of nothing."""
    assert "Nothing holds alerts back in these days." in html(browser.get(PAGE))


# -- rights ------------------------------------------------------------------------


def user_with(client, *codenames):
    user = User.objects.create_user("staff", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(user)
    return client


def test_nobody__sees_and_does_nothing(client):
    """Staff without a right, and whoever is not logged in."""
    row = silence()
    assert client.get(PAGE).status_code == 302
    staff = user_with(client)
    assert staff.get(PAGE).status_code == 403
    assert adjust(staff, row, "end").status_code == 403


def test_viewer__sees_and_changes_nothing(viewer):
    """No button is drawn that would be refused."""
    row = silence(comment="disks")
    text = html(viewer.get(PAGE))
    assert "disks" in text
    assert 'name="what"' not in text
    assert adjust(viewer, row, "end").status_code == 403


def test_one_kind__is_seen_without_the_other(client):
    """Who may see windows alone sees windows alone; who may silence sees silences."""
    silence(comment="disks")
    window("backup")
    text = html(user_with(client, "view_maintenancewindow").get(PAGE))
    assert "backup" in text
    assert "disks" not in text


def test_silencer__changes_silences_and_no_windows(client):
    """The permission to silence is not that to change windows."""
    one, other = silence(), window()
    staff = user_with(client, "silence_alert", "view_maintenancewindow")
    assert adjust(staff, one, "1h").status_code == 200
    assert adjust(staff, other, "1h").status_code == 403


# -- lists -------------------------------------------------------------------------


def test_lists__have_a_strip_of_their_rows_and_lead_to_the_calendar(browser):
    """Days are chosen there, too, and are no filter."""
    silence(comment="disks")
    window("backup")
    for url, name in ((LIST, "disks"), (WINDOWS, "backup")):
        response = browser.get(url, {"past": "3", "next": "30"})
        assert f">{name}<title>" in response.context["strip"]
        assert PAGE in html(response)
        assert response.context["cl"].result_count == 1


def test_list__that_is_filtered_has_a_strip_of_what_it_shows(browser):
    """What was filtered away is not drawn."""
    silence(comment="disks")
    silence(starts=-2 * DAY, ends=-DAY, comment="kernel")
    strip = browser.get(LIST, {"state": "ended"}).context["strip"]
    assert "kernel" in strip
    assert "disks" not in strip


def test_lengths__are_offered_and_keep_what_else_is_asked(browser):
    """A day, a week, the usual three; the one that is shown is no link."""
    html = browser.get(PAGE, {"past": 0, "next": 1, "q": "x"}).content.decode()
    offered = html.split('class="zsm-lengths"')[1].split("</ul>")[0]
    assert '<strong aria-current="true">the next day</strong>' in offered
    assert offered.count("<a href=") == 2
    assert offered.count("q=x") == 2
    assert '<strong aria-current="true">three weeks</strong>' in browser.get(PAGE).content.decode()
