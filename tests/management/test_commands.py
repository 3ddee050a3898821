"""What an operator types."""

from __future__ import annotations

import io
import json
import ssl

import pytest
import trustme
from django.core.management import CommandError, call_command
from django.utils import translation
from prometheus_client.core import GaugeMetricFamily

from tests.sources.nodes.server import fake_node
from zerostate_monitoring import wiring
from zerostate_monitoring.collectors import COLLECTORS, Absent, collector, node_scraping, nodes
from zerostate_monitoring.collectors.signals import workers_requested
from zerostate_monitoring.conf import PREFIX
from zerostate_monitoring.doctor.finding import error, ok
from zerostate_monitoring.exceptions import SourceError, StoreUnavailableError
from zerostate_monitoring.management.commands import monitoring_doctor
from zerostate_monitoring.management.commands.monitoring_docs import setting_names
from zerostate_monitoring.models import Collector, Node

pytestmark = pytest.mark.django_db

CSV = "name,role,base_url,labels\nn1,edge,http://n1.example:8080,site=fra1\n"


def said(*args, **options):
    out = io.StringIO()
    call_command(*args, stdout=out, stderr=out, no_color=True, **options)
    return out.getvalue()


@pytest.fixture
def shop():
    items = [GaugeMetricFamily("shop_orders", "Orders.", value=7), Absent("shop_cash", "no till")]

    @collector("shop", interval=30)
    def collect():
        for item in items:
            if isinstance(item, Exception):
                raise item
            yield item

    yield items
    COLLECTORS.discard("shop")


def test_collect__says_how_each_went(store, shop):
    """Samples and gaps are readable, and the frame is in the store."""
    text = said("monitoring_collect", "shop")

    assert "ok shop: 1 samples" in text
    assert "absent shop_cash: no till" in text
    assert "collector:shop" in store.snapshot().frames


def test_collect__runs_again_at_once(store, shop):
    """Somebody who asks twice gets two runs."""
    said("monitoring_collect", "shop")

    assert "ok shop" in said("monitoring_collect", "shop")


def test_collect__fails_with_advice(store, shop):
    """A failure has its kind, what to do, and exit code 1."""
    shop.insert(0, SourceError("no route", kind="refused"))
    out = io.StringIO()

    with pytest.raises(CommandError, match="1 of 1 failed: shop"):
        call_command("monitoring_collect", "shop", stdout=out, no_color=True)

    assert "refused: no route" in out.getvalue()
    assert "firewall" in out.getvalue()


def test_collect__lists_the_known_names(shop):
    """An unknown name is answered with the known ones."""
    with pytest.raises(CommandError, match=r"economic.*shop"):
        said("monitoring_collect", "nope")


def test_collect__list(shop):
    """--list says when each runs and where its code is."""
    text = said("monitoring_collect", "--list")

    assert "every 30 s" in text
    assert "test_commands.shop" in text


def test_collect__list_with_an_interval_that_is_none(shop):
    """One collector's bad interval does not take the list away."""
    COLLECTORS.discard("shop")
    collector("shop", interval=lambda: 1 / 0)(list)

    assert "no interval" in said("monitoring_collect", "--list")


def test_collect__p2p_scrapes_the_nodes(store, settings):
    """Nodes are asked chunk by chunk, with progress."""
    settings.ZEROSTATE_MONITORING_NODE_CHUNK_SIZE = 2
    for number in range(3):
        Node.objects.create(name=f"n{number}", base_url="http://127.0.0.1:1")

    text = said("monitoring_collect", "p2p")

    assert "2/3 nodes asked" in text
    assert "3/3 nodes asked, 0 up (refused 1)" in text
    assert "ok p2p" in text


def test_collect__p2p_says_what_a_worker_is_at(store):
    """Nodes that a worker is scraping are left to it, and told."""
    rows = [Node.objects.create(name=f"n{n}", base_url="http://127.0.0.1:1") for n in range(2)]
    store.lease(node_scraping.lease_name(rows[0].pk), 30)

    assert "0 up (refused 1), 1 left to a worker that is at it" in said("monitoring_collect", "p2p")


def test_collect__disabled_p2p_asks_no_node(store):
    """One line says that it is disabled, and nothing was scraped for it."""
    Node.objects.create(name="n1", base_url="http://127.0.0.1:1")
    Collector.objects.update_or_create(name="p2p", defaults={"enabled": False})

    assert said("monitoring_collect", "p2p").splitlines() == ["-- p2p: not run: disabled"]
    assert store.notes("node") == {}


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_collect__a_terminal_sees_what_is_under_way(store, shop, settings):
    """Each collector is named while it runs, and nodes are counted; its ending covers it."""
    settings.ZEROSTATE_MONITORING_NODE_CHUNK_SIZE = 2
    for number in range(3):
        Node.objects.create(name=f"n{number}", base_url="http://127.0.0.1:1")
    out = Terminal()

    call_command("monitoring_collect", "shop", "p2p", stdout=out, no_color=True)

    ways = [
        ".. shop\rok shop: 1 samples",
        ".. p2p\r.. p2p: 0/3 nodes asked\r   p2p: 2/3 nodes asked",
        ".. p2p: 2/3 nodes asked\r   p2p: 3/3 nodes asked",
        ".. p2p\rok p2p: ",
    ]
    assert [way for way in ways if way not in out.getvalue()] == []
    assert "\r" not in said("monitoring_collect", "shop")


def test_collect__a_plan_that_fails_is_told_once(shop):
    """Without a store p2p fails once, in the lines and in the count."""
    out = io.StringIO()

    with pytest.raises(CommandError, match=r"2 of 2 failed: p2p, shop$"):
        call_command("monitoring_collect", "p2p", "shop", stdout=out, no_color=True)

    assert out.getvalue().count("x p2p: store: ") == 1


def test_collect__a_plan_that_fails_before_a_good_run(store, monkeypatch):
    """Nodes that were not scraped are a failure, though what is known of them was told."""

    def plan(store):
        raise StoreUnavailableError("it went")

    monkeypatch.setattr(nodes, "plan", plan)

    with pytest.raises(CommandError, match=r"1 of 1 failed: p2p$"):
        said("monitoring_collect", "p2p")


def test_collect__switched_off(settings, shop):
    """Nothing runs, one line says why, and it is no failure."""
    settings.ZEROSTATE_MONITORING_ENABLED = False

    lines = said("monitoring_collect").splitlines()

    switch = "monitoring is switched off (ZEROSTATE_MONITORING_ENABLED)"
    assert lines == [f"-- nothing was run: {switch}"]


def test_doctor__switched_off(settings):
    """One finding, exit code 0."""
    settings.ZEROSTATE_MONITORING_ENABLED = False

    (line, advice) = said("monitoring_doctor").splitlines()

    assert "switched off" in line
    assert "True" in advice


def test_nodes__list_says_which_left(store, settings):
    """An ephemeral node that went is not down; switched off, nobody is asked."""
    Node.objects.create(name="n1", base_url="http://n1.example", ephemeral=True)
    store.note("node", {"n1": {"up": False, "left": True}})

    assert " left " in said("monitoring_nodes", "list")

    settings.ZEROSTATE_MONITORING_ENABLED = False
    text = said("monitoring_nodes", "list")
    assert "switched off" in text
    assert " unknown " in text


def test_nodes__import_and_list(tmp_path, store):
    """A CSV file becomes rows, which can be listed."""
    file = tmp_path / "nodes.csv"
    file.write_text(CSV)

    assert "1 added, 0 changed, 0 removed" in said("monitoring_nodes", "import", str(file))
    assert "0 added, 0 changed, 0 removed" in said("monitoring_nodes", "import", str(file))
    assert Node.objects.get().labels == {"site": "fra1"}
    assert "unknown" in said("monitoring_nodes", "list")


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_nodes__import_is_a_no_op_where_the_app_is_switched_off(tmp_path, settings, options):
    """One line says why, nothing is read or written, and it is no failure."""
    settings.ZEROSTATE_MONITORING_ENABLED = False

    text = said("monitoring_nodes", "import", str(tmp_path / "not there.csv"), *options)

    assert text == (
        "-- nothing was imported: monitoring is switched off (ZEROSTATE_MONITORING_ENABLED)\n"
    )


def test_nodes__dry_run_changes_nothing(tmp_path):
    """A dry run finds what the real one would, and takes it back."""
    file = tmp_path / "nodes.csv"
    file.write_text(CSV)

    assert "+ n1" in said("monitoring_nodes", "import", str(file), "--dry-run")
    assert not Node.objects.exists()


def test_nodes__faults_name_the_line(tmp_path):
    """One bad line refuses the whole document and is named."""
    file = tmp_path / "nodes.csv"
    file.write_text(CSV + "n 2,edge,ftp://x,\n")

    with pytest.raises(CommandError, match="row 3"):
        said("monitoring_nodes", "import", str(file))
    assert not Node.objects.exists()


def test_nodes__import_from_an_address_that_wants_a_token(monkeypatch, tmp_path):
    """The reference is resolved as a node's is; nothing but a reference is taken."""
    monkeypatch.setenv("ZEROSTATE_NODE_INVENTORY", "s3cret")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    with fake_node(context) as inventory:
        inventory.answers["/nodes.json"] = lambda h: h.reply(
            b'[{"targets": ["n1.example:80"]}]', status=200 if _is_let_in(h) else 401
        )
        take = ("monitoring_nodes", "import", f"{inventory.url}/nodes.json")
        ca = ("--ca", str(tmp_path / "ca.pem"))

        with pytest.raises(CommandError, match="CERTIFICATE_VERIFY_FAILED"):
            said(*take)
        with pytest.raises(CommandError, match=r"/nodes.json: the node answers 401"):
            said(*take, *ca)
        for wrong, message in (
            ("s3cret", "takes a reference"),
            ("env:ELSEWHERE", "may not be read"),
            ("env:ZEROSTATE_NODE_NOT_SET", "is not set"),
        ):
            with pytest.raises(CommandError, match=message):
                said(*take, *ca, "--token", wrong)
        token = ("--token", "env:ZEROSTATE_NODE_INVENTORY")
        assert "1 added" in said(*take, *ca, *token)
        with pytest.raises(CommandError, match="for an http"):
            said("monitoring_nodes", "import", str(tmp_path / "nodes.json"), *token)


def _is_let_in(handler):
    return handler.headers["Authorization"] == "Bearer s3cret"


def test_nodes__a_file_that_is_not_there():
    """A missing file is a clear error."""
    with pytest.raises(CommandError, match="cannot be read"):
        said("monitoring_nodes", "import", "/nowhere/nodes.csv")


def test_nodes__list_without_a_store():
    """Rows are listed while the store is away."""
    Node.objects.create(name="n1", base_url="http://n1.example")

    assert "n1" in said("monitoring_nodes", "list")


def test_docs__written_once_and_checked(tmp_path):
    """--check fails until the page is written."""
    page, directory = tmp_path / "docs" / "metrics.md", tmp_path / "docs" / "runbooks"
    places = ["--output", str(page), "--runbooks", str(directory)]
    with pytest.raises(CommandError, match=r"metrics\.md is out of date"):
        said("monitoring_docs", "--check", *places)

    assert "written" in said("monitoring_docs", *places)
    assert "up to date" in said("monitoring_docs", "--check", *places)

    (directory / "NodeDown.md").write_text("changed by hand")
    with pytest.raises(CommandError, match=r"NodeDown\.md is out of date"):
        said("monitoring_docs", "--check", *places)


def test_docs__a_page_of_no_rule_is_deleted(tmp_path):
    """A rule that is no longer shipped leaves no page."""
    places = ["--output", str(tmp_path / "metrics.md"), "--runbooks", str(tmp_path)]
    (tmp_path / "NoSuchRule.md").write_text("# NoSuchRule")

    assert "NoSuchRule.md deleted" in said("monitoring_docs", *places)
    assert (tmp_path / "metrics.md").exists() == (tmp_path / "NodeDown.md").exists() is True


def test_docs__checks_that_every_setting_has_its_section(tmp_path):
    """A setting without a heading, and a heading without a setting, are named."""
    metrics, settings = tmp_path / "metrics.md", tmp_path / "settings.md"
    pages = ["--output", str(metrics), "--settings-page", str(settings)]
    pages += ["--runbooks", str(tmp_path / "runbooks")]
    headings = [f"### `{PREFIX}{name}`" for name in setting_names()]
    said("monitoring_docs", *pages)

    settings.write_text("\n\n".join(headings))
    assert "names every setting" in said("monitoring_docs", "--check", *pages)

    settings.write_text("\n\n".join([*headings[1:], f"### `{PREFIX}NEW`"]))
    with pytest.raises(CommandError) as caught:
        said("monitoring_docs", "--check", *pages)
    assert f"{PREFIX}{setting_names()[0]} has no heading" in str(caught.value)
    assert f"{PREFIX}NEW is no setting" in str(caught.value)


def test_doctor__prints_findings_with_advice(monkeypatch):
    """Each finding stands on a line, its advice below; errors make exit code 1."""
    monkeypatch.setattr(
        monitoring_doctor,
        "examine",
        lambda: [ok("clock", "fine"), error("beat", "away", "start it")],
    )
    out = io.StringIO()

    with pytest.raises(CommandError, match="1 of 2"):
        call_command("monitoring_doctor", stdout=out, no_color=True)

    assert "ok  clock  fine" in out.getvalue()
    assert "-> start it" in out.getvalue()


def test_doctor__json(monkeypatch):
    """--json is for machines."""
    monkeypatch.setattr(monitoring_doctor, "examine", lambda: [ok("clock", "fine")])

    (finding,) = json.loads(said("monitoring_doctor", "--json"))

    assert finding == {"name": "clock", "level": "ok", "message": "fine", "advice": ""}


def test_doctor__json_is_english(monkeypatch):
    """What a program reads is the same whatever language the installation speaks."""
    monkeypatch.setattr(
        monitoring_doctor, "examine", lambda: [ok("clock", str(translation.get_language()))]
    )
    with translation.override("de"):
        (finding,) = json.loads(said("monitoring_doctor", "--json"))
        assert finding["message"] == "None"
        assert "clock  de" in said("monitoring_doctor")


def test_doctor__runs_for_real(store):
    """The whole examination runs from the command."""
    workers_requested.disconnect(wiring.list_workers)
    out = io.StringIO()
    try:
        with pytest.raises(CommandError):
            call_command("monitoring_doctor", stdout=out, no_color=True)
    finally:
        workers_requested.connect(wiring.list_workers)

    assert "migrations" in out.getvalue()
    assert "celery -A PROJECT worker -Q zerostate_monitoring" in out.getvalue()
