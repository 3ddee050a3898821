"""The file as a whole, from rows."""

from __future__ import annotations

import pytest
import yaml

from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.generators import alertmanager
from zerostate_monitoring.generators.options import ExportOptions
from zerostate_monitoring.models import Inhibition, MaintenanceWindow, Receiver, Route, RouteStep
from zerostate_monitoring.notifiers.secrets import seal

pytestmark = pytest.mark.django_db

OPTIONS = ExportOptions()
URL = "http://127.0.0.1:8000/monitoring/api/v1/alertmanager/webhook"


@pytest.fixture(autouse=True)
def _nobody_evaluates(settings):
    settings.ZEROSTATE_MONITORING_EVALUATE = False
    settings.ZEROSTATE_MONITORING_DELIVERY_REFUSED_NETWORKS = ()


def written(options=OPTIONS):
    return alertmanager.files(options)["alertmanager.yml"]


def warnings(text):
    lines = [line for line in text.splitlines() if line.startswith("#")]
    return "\n".join(lines).replace("\n#   ", " ").split("# Warning: ")[1:]


def receiver(name, **fields):
    values = {"kind": "webhook", "config": {"url": "https://h.example/x"}, **fields}
    return Receiver.objects.create(name=name, **values)


def route(name, *receivers, **fields):
    made = Route.objects.create(name=name, **fields)
    for position, each in enumerate(receivers):
        RouteStep.objects.create(route=made, receiver=each, position=position)


def test_file__of_an_installation_without_rows():
    """This app is told of all alerts, people of none."""
    document = yaml.safe_load(written())
    to_app, others = document["route"]["routes"]
    assert to_app == {
        "receiver": "zerostate",
        "continue": True,
        "group_by": ["..."],
        "group_wait": "0s",
        "group_interval": "15s",
        "repeat_interval": "1h",
    }
    assert others == {"receiver": "nobody"}
    (hook,) = document["receivers"][1]["webhook_configs"]
    assert hook["url"] == URL
    assert hook["http_config"]["authorization"]["credentials_file"] == "secrets/webhook-token"
    assert warnings(written()) == []


def test_file__while_this_app_evaluates(settings):
    """What it is told is answered with 409: that is said."""
    settings.ZEROSTATE_MONITORING_EVALUATE = True
    assert "answers 409" in warnings(written())[0]


def test_routes__in_their_order_with_their_times():
    """One that is disabled is not there; one that nobody can read takes the rest."""
    first, second, off = receiver("a"), receiver("b"), receiver("off", enabled=False)
    route(
        "one",
        first,
        position=2,
        matchers="severity=critical",
        is_continued=True,
        group_by=["node", "größe"],
        group_wait_seconds=0.5,
        repeat_interval_seconds=7200,
    )
    route("two", off, second, position=1, group_by=["..."])
    route("gone", first, enabled=False)
    route("idle", off, position=3)
    route("broken", second, position=4, matchers="a==b")
    others = yaml.safe_load(written())["route"]["routes"][1]
    assert others["receiver"] == "b"
    assert others["routes"] == [
        {"receiver": "b", "group_by": ["..."], "group_wait": "30s", "group_interval": "5m",
         "repeat_interval": "4h"},
        {"receiver": "a", "matchers": ['severity="critical"'], "continue": True,
         "group_by": ["node"], "group_wait": "500ms", "group_interval": "5m",
         "repeat_interval": "2h"},
    ]  # fmt: skip
    said = warnings(written())
    assert any("does not group by 'größe'" in one for one in said)
    assert any("route idle is left out" in one for one in said)
    assert any("route broken takes what no other one takes" in one for one in said)
    assert "off" not in [each["name"] for each in yaml.safe_load(written())["receivers"]]


def test_steps__are_lost_and_said():
    """The first that tells somebody there; where the first cannot, the next one is told."""
    hook, other = receiver("hook"), receiver("other")
    silent = receiver("silent", kind="apprise", config={}, secret=seal({"url": "json://h.example"}))
    route("steps", silent, hook, other)
    (found,) = yaml.safe_load(written())["route"]["routes"][1]["routes"]
    assert found["receiver"] == "hook"
    said = warnings(written())
    assert any("tells hook alone, and never silent, other" in one for one in said)
    assert any("no such kind as apprise. Nobody is told by it." in one for one in said)


def test_secrets__stand_in_no_file_of_ours():
    """Their files are listed with what they are to hold."""
    receiver("Team: Ops", secret=seal({"token": "t0ken-1"}))
    receiver("team ops", kind="slack", config={}, secret=seal({"url": "https://h.example/s3cret"}))
    text = written()
    assert "t0ken-1" not in text
    assert "s3cret" not in text
    assert "# secrets/team-ops.token: Team: Ops: its bearer token" in text
    assert "# /etc/alertmanager/secrets/team-ops-2.url: team ops: its webhook" in text


def test_secrets__that_are_missing_or_cannot_be_read_are_said():
    """The receiver is there, tells nobody, and the file says why."""
    receiver("empty", kind="pagerduty", config={})
    receiver("sealed", secret="nonsense")
    text = written()
    found = {each["name"]: each for each in yaml.safe_load(text)["receivers"]}
    assert found["empty"] == {"name": "empty"}
    assert found["sealed"] == {"name": "sealed"}
    said = warnings(text)
    assert any("The receiver empty: routing_key: This is required." in one for one in said)
    assert any("The receiver sealed: The secrets cannot be decrypted" in one for one in said)


def test_names__that_are_taken_make_way():
    """A receiver may be called as ours are."""
    route("r", receiver("zerostate"), matchers="a=b")
    receiver("nobody")
    document = yaml.safe_load(written())
    assert document["route"]["receiver"] == "nobody-2"
    assert document["route"]["routes"][0]["receiver"] == "zerostate-2"
    names = [each["name"] for each in document["receivers"]]
    assert len(names) == len(set(names)) == 4


def test_inhibitions_and_windows__are_there_or_named():
    """As they are, but for those that hold nothing back."""
    rows = (("good", "a=b", ["node"]), ("bad", "a==b", []), ("odd", "a=b", ["ä"]))
    for name, source, equal in rows:
        Inhibition.objects.create(
            name=name, source_matchers=source, target_matchers="c=d", equal=equal
        )
    MaintenanceWindow.objects.create(name="never", kind="weekly", matchers="a=b")
    text = written()
    assert yaml.safe_load(text)["inhibit_rules"] == [
        {"source_matchers": ['a="b"'], "target_matchers": ['c="d"'], "equal": ["node"]}
    ]
    said = "\n".join(warnings(text))
    for name in ("inhibition bad", "inhibition odd", "window never"):
        assert f"The {name} is left out:" in said


def test_version__is_one():
    """Else it is refused, by its option."""
    with pytest.raises(ConfigurationError, match="alertmanager_version"):
        written(ExportOptions(alertmanager_version="newest"))


def test_file__is_read_with_a_query_for_each_kind(django_assert_num_queries):
    """However many rows there are."""
    for number in range(3):
        route(f"r{number}", receiver(f"x{number}"))
    with django_assert_num_queries(5):
        written()
