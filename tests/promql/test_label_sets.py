"""Work on label sets."""

from __future__ import annotations

import numpy as np

from zerostate_monitoring.promql import label_sets
from zerostate_monitoring.promql.data import Series

X = (("__name__", "x"), ("a", "1"), ("b", "2"))
Y = (("__name__", "y"), ("a", "1"), ("b", "3"))
Z = (("__name__", "x"), ("a", "2"))


def test_labels__taken_and_left():
    """A missing label is an empty one."""
    assert [label_sets.value_of(X, name) for name in ("a", "b", "c")] == ["1", "2", ""]
    assert label_sets.keeping(X, ("a", "c")) == (("a", "1"),)
    assert label_sets.without(X, ("a", "c")) == (("__name__", "x"), ("b", "2"))


def test_with_label__keeps_the_order_of_names():
    """An empty value takes the label away."""
    assert label_sets.with_label(Z, "Z", "0") == (("Z", "0"), *Z)
    assert label_sets.with_label(Z, "a", "3") == (("__name__", "x"), ("a", "3"))
    assert label_sets.with_label(Z, "a", "") == (("__name__", "x"),)


def test_metric_dropped__takes_type_and_unit_along():
    """They describe the values that are gone."""
    labels = (("__name__", "x"), ("__type__", "counter"), ("__unit__", "s"), ("a", "1"))
    assert label_sets.metric_dropped(labels) == (("a", "1"),)


def test_grouped__by_labels_and_without_them():
    """Groups come in the order of their first members; the name is left out with the rest."""
    series = Series([X, Y, Z])
    by = label_sets.grouped(series, ("a",), leaving_out=False)
    assert (by.series.labels, by.index.tolist()) == (((("a", "1"),), (("a", "2"),)), [0, 0, 1])
    rest = label_sets.grouped(series, ("b",), leaving_out=True)
    assert rest.index.tolist() == [0, 0, 1]
    assert label_sets.grouped(series, (), leaving_out=False).series.labels == ((),)
    assert len(label_sets.grouped(Series([]), (), leaving_out=False).series) == 0


def test_grouped__is_worked_out_once():
    """For the same series and the same clause."""
    series = Series([X, Y])
    one = label_sets.grouped(series, ("a",), leaving_out=False)
    assert label_sets.grouped(series, ("a",), leaving_out=False) is one
    assert label_sets.grouped(series, ("a",), leaving_out=True) is not one


def test_groups__know_their_members():
    """Order, sizes and starts; also of groups without any."""
    groups = label_sets.Groups(Series([(), X, Y, Z]), np.array([3, 0, 3, 1]))
    assert groups.order.tolist() == [1, 3, 0, 2]
    assert (groups.sizes.tolist(), groups.starts.tolist()) == ([1, 1, 0, 2], [0, 1, 2, 2])
    assert not groups.has_members
    assert not groups.is_single
    assert label_sets.groups_of([X, Y, Z]).is_single


def test_repeated__finds_equal_label_sets():
    """``None`` where there are none."""
    assert label_sets.repeated(Series([X, Y, Z])) is None
    assert label_sets.repeated(Series([X, Y, X])).index.tolist() == [0, 1, 0]
    unnamed = label_sets.unnamed(Series([(("__name__", "x"),), (("__name__", "y"),)]))
    assert label_sets.repeated(unnamed).index.tolist() == [0, 0]


def test_joined__is_the_same_object_again():
    """So that what is worked out for it is kept."""
    one, other = Series([X]), Series([Y])
    both = label_sets.joined([one, other])
    assert both.labels == (X, Y)
    assert label_sets.joined([one, other]) is both
    assert label_sets.joined([one]) is one


def test_picked__in_the_order_asked_for():
    """Some may be left out."""
    assert label_sets.picked(Series([X, Y, Z]), np.array([2, 0])).labels == (Z, X)
