"""The Markdown of our own pages as HTML."""

from __future__ import annotations

import pytest

from zerostate_monitoring.generators.markdown import html


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# A `b` c", "<h1>A <code>b</code> c</h1>"),
        ("## A\nwords", "<h2>A</h2>\n<p>words</p>"),
        ("one\ntwo\n\nthree", "<p>one two</p>\n<p>three</p>"),
        ("- a\n  more\n- b", "<ul><li>a more</li><li>b</li></ul>"),
        ("1. a\n2. b", "<ol><li>a</li><li>b</li></ol>"),
        ("> said\n> so", "<blockquote><p>said so</p></blockquote>"),
        ("<!-- a\nnote -->\n\nx", "<p>x</p>"),
        ("**now**", "<p><strong>now</strong></p>"),
        ("```promql\na > 1\n\nb\n```", "<pre><code>a &gt; 1\n\nb</code></pre>"),
        (
            "| a | b |\n| --- | --- |\n| `x\\|y` | 2 |",
            (
                "<table><thead><tr><th>a</th><th>b</th></tr></thead>"
                "<tbody><tr><td><code>x|y</code></td><td>2</td></tr></tbody></table>"
            ),
        ),
    ],
)
def test_html__makes_each_form(text, expected):
    """Each form that our pages use."""
    assert html(text) == expected


def test_html__code_may_be_followed_by_something():
    """Whoever renders a page says what, by the language; what is no code is followed by nothing."""
    text = "a\n\n```promql\nup < 1\n```\n\n```\nx\n```\n\nb"
    told = html(text, follow=lambda language, code: f"[{language}:{code}]")
    assert "up &lt; 1</code></pre>[promql:up < 1]" in told
    assert "<code>x</code></pre>[:x]" in told
    assert told.count("[") == 2


def test_html__escapes_everything():
    """Nothing that stands in a text becomes HTML by itself."""
    text = "# <b>\n\n- <i>\n\n`<u>` **<s>**\n\n| <a> |\n| --- |\n| <p> |\n\n> <q>"
    shown = html(text)
    for tag in ("<b>", "<i>", "<u>", "<s>", "<a>", "<q>"):
        assert tag not in shown
        assert tag.replace("<", "&lt;").replace(">", "&gt;") in shown


def test_html__links_lead_where_they_are_resolved():
    """To another address, or nowhere: then only the words stand there."""
    found = {"x.md": "/runbooks/x/", "y.md": ""}
    shown = html('[X](x.md), [Y](y.md), [Z](https://z.example/"a)', lambda t: found.get(t, t))
    assert '<a href="/runbooks/x/">X</a>, Y' in shown
    assert 'href="https://z.example/&quot;a"' in shown
