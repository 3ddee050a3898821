"""The page of exports: what is generated, one by one or together, to those who may see it."""

from __future__ import annotations

import io
import json
import re
import zipfile

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from zerostate_monitoring.admin.exporting.showing import what
from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.generators import exports, parts
from zerostate_monitoring.generators.archives import zipped
from zerostate_monitoring.generators.option_words import made
from zerostate_monitoring.generators.options import ExportOptions
from zerostate_monitoring.generators.parts import PARTS
from zerostate_monitoring.models import Metric

pytestmark = pytest.mark.django_db

PAGE = reverse("admin:zerostate_monitoring_export")
FILE = reverse("admin:zerostate_monitoring_export_file")
ARCHIVE = reverse("admin:zerostate_monitoring_export_archive")


@pytest.fixture
def somebody(client):
    """A member of staff; ``may`` gives them what they may see."""
    user = User.objects.create_user("somebody", is_staff=True)
    client.force_login(user)

    def may(*models):
        names = [f"view_{model}" for model in models]
        user.user_permissions.add(*Permission.objects.filter(codename__in=names))
        return client

    return may


def opened(archive):
    with zipfile.ZipFile(io.BytesIO(archive.content)) as opened:
        return {name: opened.read(name).decode() for name in opened.namelist()}


def links(html, address):
    found = re.findall(rf'href="({re.escape(address)}\?[^"]*)"', html)
    return [one.replace("&amp;", "&") for one in found]


def test_page__lists_every_file_with_what_it_is_for(browser):
    """All parts with their words, each file with a link that gives just it."""
    html = browser.get(PAGE).content.decode()
    files = parts.exported(ExportOptions())
    for part in PARTS.values():
        assert part.purpose in html
    for path in files:
        assert path in html
    found = links(html, FILE)
    assert len(found) == len(files)
    taken = browser.get(next(one for one in found if "zerostate-overview.json" in one))
    assert taken["Content-Type"] == "application/json; charset=utf-8"
    assert taken["Content-Disposition"] == 'attachment; filename="zerostate-overview.json"'
    assert json.loads(taken.content)["uid"] == "zerostate-overview"


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("d.json", '{"title": "Nodes"}', "Nodes"),
        ("d.json", "{}", ""),
        ("k.yaml", "# Made.\nkind: ConfigMap\n---\nkind: ConfigMap\n---\nkind: Secret\n",
         "ConfigMap, Secret"),
        ("r.yml", "groups:\n  - rules:\n    - alert: A\n    - record: b\n", "2 rules"),
        ("t.yml", "rule_files: []\ntests:\n  - name: x\n", "Tests of the rules, for promtool"),
        ("p.yml", "scrape_configs:\n  - job_name: page\n", "1 scrape job"),
        ("x.yml", "a: 1\n", ""),
    ],
)  # fmt: skip
def test_file__says_what_it_is(path, text, said):
    """In a few words, without being read as a whole."""
    assert what(path, text).startswith(said)
    assert bool(what(path, text)) == bool(said)


def test_archive__is_what_the_command_writes(browser):
    """All files with their directories, the same bytes each time."""
    answer = browser.get(ARCHIVE)
    assert answer["Content-Type"] == "application/zip"
    options = made(exports.of_this_project())
    assert opened(answer) == dict(sorted(parts.exported(options).items()))
    assert browser.get(ARCHIVE).content == answer.content == zipped(parts.exported(options))


def test_archive__of_one_part(browser):
    """Called after it."""
    answer = browser.get(ARCHIVE, {"part": "rules"})
    assert answer["Content-Disposition"] == 'attachment; filename="zerostate-monitoring-rules.zip"'
    assert set(opened(answer)) == set(PARTS["rules"].files(ExportOptions()))


def test_options__hold_for_the_page_and_its_files(browser):
    """What was chosen is in each link, and in the file behind it."""
    html = browser.get(PAGE, {"address": "web.example:80", "file_sd": ""}).content.decode()
    assert '<details class="module zsm-options" open>' in html
    link = next(one for one in links(html, FILE) if "prometheus.yml" in one)
    assert "web.example%3A80" in link
    assert "web.example:80" in browser.get(link).content.decode()
    for link in links(html, ARCHIVE):
        assert "web.example%3A80" in link


def test_options__as_the_project_has_them_are_in_no_link(browser):
    """The form sends all of its fields; addresses stay short."""
    html = browser.get(PAGE).content.decode()
    assert '<details class="module zsm-options">' in html
    assert all(re.fullmatch(rf"{FILE}\?path=[^&]*", one) for one in links(html, FILE))


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("address", "nowhere", "This is host:port"),
        ("job", "", "This is empty"),
        ("job", "a\x00b", "Null characters are not allowed"),
        ("scrape_interval_seconds", "often", "Enter a number"),
        ("scrape_interval_seconds", "nan", "Enter a number"),
        ("scrape_interval_seconds", "0", "This is from 1 to 300"),
        ("nodes", "both", "Select a valid choice"),
        ("exporters", "n", "This is job=host:port"),
        ("namespace", "<script>", "This has up to 63 small letters"),
    ],
)
def test_options__that_cannot_work(browser, name, value, fault):
    """The page says so beside the field and lists nothing; files and archives are refused."""
    html = browser.get(PAGE, {name: value}).content.decode()
    assert fault in html.replace("&#x27;", "'")
    assert "<script>" not in html.partition("<body")[2].partition("zsm-export")[2]
    assert links(html, FILE) == []
    for answer in (
        browser.get(ARCHIVE, {name: value}),
        browser.get(FILE, {name: value, "path": "prometheus/prometheus.yml"}),
    ):
        assert answer.status_code == 400
        assert answer["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(
    "path", ["", "rules/none.yml", "../etc/passwd", "rules/../x", "none/x.yml", "rules/"]
)
def test_file__that_there_is_not(browser, path):
    """Whatever is asked for: only what is generated is given."""
    assert browser.get(FILE, {"path": path}).status_code == 404
    assert browser.get(ARCHIVE, {"part": path or "none"}).status_code == 404


def test_part__that_fails_leaves_the_others(browser, monkeypatch):
    """Its error stands where its files would; there is no archive that lacks it silently."""
    whole = parts.exported

    def failing(options, names=()):
        if "rules" in names:
            raise ConfigurationError("Rule X cannot be said to that Prometheus.")
        return whole(options, names)

    monkeypatch.setattr(parts, "exported", failing)
    html = browser.get(PAGE).content.decode()
    assert "Rule X cannot be said" in html
    assert links(html, FILE)
    assert f'href="{ARCHIVE}"' not in html
    assert browser.get(ARCHIVE).status_code == 400
    assert browser.get(ARCHIVE, {"part": "scrape"}).status_code == 200


def test_page__warns(browser):
    """As the command does."""
    Metric.objects.filter(name="zerostate_tasks_total").update(enabled=False)
    html = browser.get(PAGE).content.decode()
    assert "uses zerostate_tasks_total, which is disabled" in html
    assert re.search(r"<summary>.*?\d+ warnings", html)


# -- who may ---------------------------------------------------------------------------


def test_stranger__is_sent_to_the_login(client):
    """Nobody sees anything without being known as staff."""
    for address in (PAGE, FILE, ARCHIVE):
        answer = client.get(address)
        assert answer.status_code == 302
        assert "/login/" in answer["Location"]


def test_nobody__sees_nothing(somebody):
    """A member of staff who may see no rows may see no file that tells of them."""
    client = somebody()
    for address in (PAGE, FILE, ARCHIVE):
        assert client.get(address).status_code == 403


def test_somebody__sees_parts_of_what_they_may_see(somebody):
    """Rules, but no receivers: not on the page, not in the archive, not by name."""
    client = somebody("rule", "rulegroup")
    html = client.get(PAGE).content.decode()
    assert "rules/zerostate.yml" in html
    assert "alertmanager/alertmanager.yml" not in html
    found = {path.partition("/")[0] for path in opened(client.get(ARCHIVE))}
    assert found == {"rules", "dashboards"}
    assert client.get(FILE, {"path": "alertmanager/alertmanager.yml"}).status_code == 404
    assert client.get(ARCHIVE, {"part": "alertmanager"}).status_code == 404


def test_viewer__sees_everything(viewer):
    """Looking is enough."""
    assert viewer.get(PAGE).status_code == 200
    assert viewer.get(ARCHIVE).status_code == 200


@pytest.mark.parametrize(
    "page", ["zerostate_monitoring_node_changelist", "zerostate_monitoring_metric_changelist"]
)
def test_lists__lead_to_the_page(browser, store, page):
    """Beside the doctor, and from the page of the app."""
    for address in (
        reverse(f"admin:{page}"),
        reverse("admin:app_list", args=["zerostate_monitoring"]),
    ):
        html = browser.get(address).content.decode()
        assert re.search(r'href="[^"]*collector/export/"', html)
