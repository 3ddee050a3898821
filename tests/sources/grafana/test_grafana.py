"""Dashboards to a Grafana: sent once, and every refusal says what to do."""

from __future__ import annotations

import json

import pytest

from tests.servers import free_port
from tests.sources.grafana.fake import TOKEN, fake_grafana
from zerostate_monitoring.exceptions import ConfigurationError, SourceError
from zerostate_monitoring.sources.grafana.pushing import Folder, push
from zerostate_monitoring.sources.grafana.target import TOKEN_VARIABLE, grafana_target, token_of


def board(uid="zerostate-overview", **more):
    return {"uid": uid, "title": f"ZeroState {uid}", "schemaVersion": 39, "panels": [], **more}


def texts(*boards):
    return [json.dumps(one) for one in boards]


@pytest.fixture
def grafana(monkeypatch):
    """Something that answers as Grafana's API."""
    with fake_grafana(monkeypatch) as running:
        yield running


def pushed(grafana, *boards, token=TOKEN, timeout=5.0, **how):
    target = grafana_target(grafana.url, token, None, timeout)
    return list(push(target, texts(*(boards or (board(),))), **how))


def refusal(grafana, *boards, **how):
    with pytest.raises(SourceError) as caught:
        pushed(grafana, *boards, **how)
    assert TOKEN not in str(caught.value)
    return str(caught.value)


def test_push__makes_the_folder_and_sends_all(grafana):
    """In the order of uids, each with its address."""
    found = pushed(grafana, board("b"), board("a"))
    assert [(one.uid, one.outcome, one.url) for one in found] == [
        ("a", "sent", f"{grafana.node.url}/d/a/a"),
        ("b", "sent", f"{grafana.node.url}/d/b/b"),
    ]
    assert grafana.folders == {"zerostate": "ZeroState"}
    assert grafana.places == {"a": "zerostate", "b": "zerostate"}


def test_push__again_sends_nothing(grafana):
    """Grafana's own numbers are no difference: no version is made that changes nothing."""
    pushed(grafana, board("a"), board("b"))
    before = list(grafana.posted)
    assert {one.outcome for one in pushed(grafana, board("a"), board("b"))} == {"unchanged"}
    assert grafana.posted == before


def test_push__sends_what_differs(grafana):
    """What is generated otherwise now, what somebody has changed there, or has moved."""
    pushed(grafana, board("a"), board("b"), board("c"), board("d"))
    grafana.dashboards["b"]["title"] = "by hand"
    grafana.places["c"] = ""
    found = pushed(grafana, board("a", refresh="1m"), board("b"), board("c"), board("d"))
    outcomes = {one.uid: one.outcome.value for one in found}
    assert outcomes == {"a": "sent", "b": "sent", "c": "sent", "d": "unchanged"}
    assert grafana.dashboards["b"]["title"] == board("b")["title"]
    assert grafana.dashboards["a"]["version"] == 2


def test_push__only_compares(grafana):
    """With check nothing is made and nothing sent."""
    pushed(grafana, board("a"))
    before = list(grafana.posted)
    found = pushed(grafana, board("a"), board("new"), check=True, folder=Folder())
    assert [one.outcome.value for one in found] == ["unchanged", "different"]
    assert grafana.posted == before


def test_push__under_a_path(monkeypatch):
    """A Grafana behind a proxy has a path, which its own addresses have, too."""
    with fake_grafana(monkeypatch, "/grafana") as grafana:
        (one,) = pushed(grafana)
        assert one.url == f"{grafana.node.url}/grafana/d/{one.uid}/{one.uid}"


def test_push__to_the_root(grafana):
    """Without a folder's uid no folder is asked for."""
    pushed(grafana, folder=Folder("", ""))
    assert grafana.folders == {}
    assert set(grafana.places.values()) == {""}


def test_folder__that_somebody_makes_at_the_same_moment(grafana, monkeypatch):
    """Two pushes at once: the second finds the folder that the first has made."""
    make = grafana._make

    def late(document):
        make(document)
        return 412, {"message": "a folder with that uid already exists"}

    monkeypatch.setattr(grafana, "_make", late)
    assert [one.outcome.value for one in pushed(grafana)] == ["sent"]


@pytest.mark.parametrize(
    ("status", "document", "advice"),
    [
        (401, {"message": "Invalid API key"}, "does not know the token. Make one"),
        (403, {"message": "You'll need additional permissions"}, "the role Editor, or all of"),
        (404, {"message": "Not found"}, "with the path under which it is served"),
        (412, {"status": "name-exists"}, "Another dashboard of this title"),
        (412, {"status": "version-mismatch"}, "Somebody is saving it at this moment"),
        (412, {"status": "plugin-dashboard"}, "It belongs to a plugin"),
        (412, {}, "Somebody is saving"),
        (400, {"message": "Cannot save provisioned dashboard"}, "write that file with"),
        (400, {"message": "uid too long"}, r"\(uid too long\). It does not take"),
        (422, {"message": "strange"}, r"422 \(strange\). Look at its log"),
        (429, {}, "asked too often"),
        (500, {"message": "Failed to save dashboard"}, "look at its log. Run this again then"),
        (502, b"<html>bad gateway</html>", "502. It has a trouble of its own"),
        (500, ["no", "object"], "a trouble of its own"),
        (200, b"<html>please log in</html>", "no JSON. Is this Grafana's address"),
        (200, b"", "no JSON"),
        (200, [], "no JSON"),
    ],
)
def test_refusal__says_what_to_do(grafana, status, document, advice):
    """Whatever it answers to a dashboard that is sent."""
    grafana.fail("POST", "/api/dashboards/db", status, document)
    said = refusal(grafana)
    assert said.startswith(f"Grafana, {grafana.url}/api/dashboards/db: ")
    with pytest.raises(AssertionError, match=advice):
        raise AssertionError(said)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/folders"), ("POST", "/api/folders"), ("GET", "/api/dashboards/uid")],
)
@pytest.mark.parametrize("status", [401, 403, 412, 500])
def test_refusal__at_each_step(grafana, method, path, status):
    """No step takes a refusal for an answer."""
    grafana.fail(method, path, status, {"message": "no"})
    assert f"it answers {status}" in refusal(grafana)


def test_refusal__after_some_leaves_them(grafana, monkeypatch):
    """What was sent is told of before the error, and is not sent again."""
    target = grafana_target(grafana.url, TOKEN, None, 5.0)
    sending = push(target, texts(board("a"), board("b")))
    assert next(sending).uid == "a"
    grafana.fail("POST", "/api/dashboards/db", 500, {})
    with pytest.raises(SourceError):
        next(sending)
    grafana.failures.clear()
    assert [one.outcome.value for one in pushed(grafana, board("a"), board("b"))] == [
        "unchanged", "sent",
    ]  # fmt: skip


def test_refusal__repeats_no_token(grafana):
    """Also where Grafana repeats it."""
    grafana.fail("POST", "/api/dashboards/db", 400, {"message": f"bad {TOKEN}\x1b[31m\nfoo"})
    assert "(bad •••[31m foo)" in refusal(grafana)


def test_wrong_token__is_refused(grafana):
    """The token is that of the caller."""
    assert "does not know the token" in refusal(grafana, token="other")


def test_silence__ends_in_time(grafana, monkeypatch):
    """A Grafana that hangs is not waited for longer than was said."""
    monkeypatch.setattr(grafana, "answer", lambda *_: grafana.node.stopped.wait(30))
    assert "--grafana-timeout gives it longer" in refusal(grafana, timeout=0.2)


def test_nobody__is_there(grafana):
    """A closed port, and a name that there is not."""
    grafana.node.port = free_port()
    assert "is Grafana running" in refusal(grafana)


def test_redirect__is_not_followed(grafana, monkeypatch):
    """A proxy that logs people in: no token goes elsewhere."""

    def away(handler, _method):
        handler.reply(b"", status=302, Location="http://elsewhere.invalid/login")

    monkeypatch.setattr(grafana, "answer", away)
    assert "the proxy that logs people in" in refusal(grafana)


def test_title__of_another_dashboard(grafana, monkeypatch):
    """An older Grafana that wrote over somebody else's dashboard is not called well."""
    save = grafana._save
    monkeypatch.setattr(grafana, "_save", lambda document: (200, {**save(document)[1], "uid": "x"}))
    assert "over another dashboard of this title, whose uid is x" in refusal(grafana)


@pytest.mark.parametrize("there", [{}, {"dashboard": 1}, {"dashboard": {}, "meta": None}])
def test_strange_dashboard__is_replaced(grafana, there):
    """What it says of a dashboard need not be one."""
    grafana.fail("GET", "/api/dashboards/uid", 200, there)
    assert [one.outcome.value for one in pushed(grafana)] == ["sent"]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"uid": "a"}', "{"])
def test_text__that_is_no_dashboard(grafana, text):
    """A part that makes what is none is in error, before anything is sent."""
    target = grafana_target(grafana.url, TOKEN, None, 5.0)
    with pytest.raises(ConfigurationError, match="dashboard"):
        list(push(target, [text]))
    assert grafana.posted == []


# -- token and address -------------------------------------------------------------


def test_token__comes_from_a_file_or_the_environment(tmp_path):
    """The file goes first; blanks around are no part of it."""
    (tmp_path / "token").write_text(" one\n")
    assert token_of({TOKEN_VARIABLE: "two"}, tmp_path / "token") == "one"
    assert token_of({TOKEN_VARIABLE: "two\n"}, None) == "two"


@pytest.mark.parametrize("text", ["", " \n", "a b", "a\nb", "ä", "x" * 5000])
def test_token__that_is_none(tmp_path, text):
    """It is refused without being repeated."""
    (tmp_path / "token").write_text(text)
    for environment, file in (({TOKEN_VARIABLE: text}, None), ({}, tmp_path / "token")):
        with pytest.raises(ConfigurationError, match="token") as caught:
            token_of(environment, file)
        assert not text.strip() or text.strip() not in str(caught.value)


def test_token__missing_says_where_it_goes(tmp_path):
    """Where none was given, and where its file is not there."""
    with pytest.raises(ConfigurationError, match=r"GRAFANA_TOKEN is not set. Put the token"):
        token_of({}, None)
    with pytest.raises(ConfigurationError, match=r"none cannot be read: No such file"):
        token_of({}, tmp_path / "none")


@pytest.mark.parametrize(
    "url",
    ["", "grafana", "ftp://g", "http://", "http://a:b@g", "http://g?x=1", "http://g#x", "http://g:x",
     "http://[", "http://g/a b"],
)  # fmt: skip
def test_address__that_is_none(url):
    """It is refused before anybody is asked."""
    with pytest.raises(ConfigurationError, match="--grafana "):
        grafana_target(url, TOKEN, None, 5.0)


def test_authority__that_cannot_be_read(tmp_path):
    """Its file is named; what it holds must be certificates."""
    with pytest.raises(ConfigurationError, match="none cannot be read"):
        grafana_target("https://g", TOKEN, tmp_path / "none", 5.0)
    with pytest.raises(ConfigurationError, match="timeout"):
        grafana_target("https://g", TOKEN, None, 0)
