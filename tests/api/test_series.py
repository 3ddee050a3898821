"""Series, labels, values and metadata."""

from __future__ import annotations

import pytest

from tests.api.conftest import NOW
from tests.storage.frames import gauge, write
from zerostate_monitoring.catalogue import CATALOGUE


def test_series__are_label_sets(api):
    """Of each selector, each once, in order."""
    found = api.data("series", match=['up{job="api"}', "up", "old"])
    assert found == [
        {"__name__": "old"},
        {"__name__": "up", "instance": "a", "job": "api"},
        {"__name__": "up", "instance": "b", "job": "api"},
        {"__name__": "up", "instance": "c", "job": "node"},
    ]


def test_series__by_form(api):
    """POST asks the same."""
    assert api.data("series", method="POST", match=["up"]) == api.data("series", match=["up"])


def test_series__of_a_window(api):
    """Both ends belong to it."""
    at = NOW - 86_400
    assert api.data("series", match=["old"], start=at, end=at) == [{"__name__": "old"}]
    assert api.data("series", match=["old"], start=at + 0.001) == []
    assert api.data("series", match=["old"], end=at - 0.001) == []
    assert api.data("series", match=["up"], start=NOW, end=NOW - 1) == []


def test_series__of_two_names_are_none(api):
    """A query refuses them; whoever lists series asks for those that have both."""
    assert api.data("series", match=['up{__name__="old"}']) == []
    assert api.data("series", match=['up{__name__=~"u.*"}']) == api.data("series", match=["up"])
    assert api.refusal("query", query='up{__name__="old"}')[0] == "bad_data"


def test_labels__are_in_order(api):
    """Of all series, or of those that are selected."""
    everything = ["__name__", "instance", "job", "status", "value"]
    assert api.data("labels") == everything
    assert api.data("labels", method="POST", match=["tasks_total"]) == ["__name__", "status"]
    assert api.data("labels", match=["nothing"]) == []


def test_values__are_in_order(api):
    """Of one label; names may be written with escapes."""
    assert api.data("label/instance/values") == ["a", "b", "c"]
    assert api.data("label/job/values", match=["up"]) == ["api", "node"]
    assert api.data("label/__name__/values", match=['{job="api"}', "old"]) == ["old", "up"]
    assert api.data("label/U__inst_61_nce/values") == ["a", "b", "c"]
    assert api.data("label/none/values") == []
    assert api.refusal("label/U__/values") == ("bad_data", 'invalid label name: "U__"')


@pytest.mark.parametrize("path", ["series", "labels", "label/instance/values"])
def test_limit__cuts_and_says_so(api, path):
    """The first ones stay."""
    asked = {"match": ["up"]}
    whole = api.data(path, **asked, limit=3)
    document = api.answer(path, **asked, limit=2)
    assert document["data"] == whole[:2]
    assert document["warnings"] == ["results truncated due to limit"]


def test_metadata__of_the_catalogue_and_the_page(api, store):
    """A counter has the name that stands in queries; what only the page knows is there, too."""
    write(store, "collector:test", gauge({"x": 1.5}))
    data = api.data("metadata")
    counter = next(one for one in CATALOGUE if one.kind == "counter" and not one.planned)
    assert data[counter.name] == [
        {"type": "counter", "unit": counter.om_unit, "help": counter.help}
    ]
    assert data["zerostate_test"][0]["type"] == "gauge"
    assert data["zerostate_monitoring_producer_up"][0]["type"] == "gauge"
    assert api.data("metadata", metric="zerostate_test") == {
        "zerostate_test": data["zerostate_test"]
    }
    assert api.data("metadata", metric="none") == {}


def test_metadata__limits(api, store):
    """0 is none of them, below 0 is all."""
    everything = api.data("metadata")
    assert api.data("metadata", limit=0) == {}
    assert len(api.data("metadata", limit=2)) == 2
    assert api.data("metadata", limit=-1, limit_per_metric=1) == everything


def test_metadata__without_the_store_the_catalogue_answers(api):
    """And says that something may be missing."""
    document = api.answer("metadata")
    assert document["data"]
    assert "store" in document["warnings"][0]
