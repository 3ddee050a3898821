"""Pictures for mail: real PNG files that show what they should."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from zerostate_monitoring.charts.png import DENSITY, png

START = 1_764_130_000_000
ALARM = (221, 34, 34)
LINE = (34, 102, 238)


def points(*values, step=15_000):
    return [(START + n * step, float(value)) for n, value in enumerate(values)]


def dots(image):
    """The dots of a PNG, read as its specification says; checks every checksum."""
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    at, chunks = 8, {}
    while at < len(image):
        (length,) = struct.unpack(">I", image[at : at + 4])
        kind, body = image[at + 4 : at + 8], image[at + 8 : at + 8 + length]
        (check,) = struct.unpack(">I", image[at + 8 + length : at + 12 + length])
        assert check == zlib.crc32(kind + body)
        chunks[kind] = body
        at += 12 + length
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, colour) == (8, 3)
    palette = np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert not rows[:, 0].any()
    assert rows.max() < len(palette) <= 256
    return palette[rows[:, 1:]]


def where(image, colour):
    """Rows and columns of dots of exactly this colour."""
    return np.nonzero((dots(image) == np.array(colour)).all(axis=2))


def test_png__has_the_size_that_was_asked_for_at_twice_the_density():
    """480 by 120 units are 960 by 240 dots."""
    assert dots(png(points(1, 2, 3))).shape == (120 * DENSITY, 480 * DENSITY, 3)


def test_png__a_rising_series_rises():
    """Time goes to the right, larger values to the top."""
    down, across = where(png(points(*range(50))), LINE)
    left, right = down[across < across.min() + 60], down[across > across.max() - 60]
    assert left.mean() > right.mean() + 100


def test_png__a_threshold_is_a_red_line_at_its_height():
    """Above values that stay below it."""
    image = png(points(1, 2, 1, 2), threshold=10)
    red, blue = where(image, ALARM)[0], where(image, LINE)[0]
    assert len(red)
    assert red.min() < blue.min()
    assert len(where(png(points(1, 2, 1, 2)), ALARM)[0]) == 0


def test_png__a_gap_is_not_bridged():
    """Where nothing is known, nothing is drawn."""
    gone = [one for n, one in enumerate(points(*[5] * 60)) if not 20 < n < 40]
    across = np.unique(where(png(gone), LINE)[1])
    assert np.diff(across).max() > 100


def test_png__without_a_number_there_is_no_picture():
    """Nothing, and NaN alone."""
    assert png([]) == b""
    assert png(points(float("nan"), float("inf"))) == b""


def test_png__is_small():
    """A mail with three of them stays far below what servers refuse."""
    noise = np.random.default_rng(1).random(240)
    assert len(png(points(*noise), threshold=0.5)) < 40_000


NUMBERS = st.floats(width=64) | st.sampled_from([0.0, 1e308, -1e308, 5e-324])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 10**9), NUMBERS), max_size=30),
    st.none() | NUMBERS,
    st.integers(40, 300),
    st.integers(20, 150),
)
@example([(0, 0.0), (0, 0.0)], None, 40, 20)
@example([(0, 0.0)], 5e-324, 40, 20)
def test_png__draws_whatever_comes(some, threshold, width, height):
    """Any values, any threshold, any size: a picture or none, never an error."""
    ordered = [(START + at, value) for at, value in sorted(some, key=lambda one: one[0])]
    image = png(ordered, threshold=threshold, width=width, height=height)
    if image:
        assert dots(image).shape == (height * DENSITY, width * DENSITY, 3)
