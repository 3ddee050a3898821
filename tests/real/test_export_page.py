"""The page of exports in a real browser, without scripts."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.management import call_command
from django.urls import reverse

pytestmark = [pytest.mark.real, pytest.mark.django_db(transaction=True)]

PAGE = reverse("admin:zerostate_monitoring_export")


def taken(page, text):
    """The bytes behind a link."""
    with page.expect_download() as download:
        page.click(text)
    return download.value.suggested_filename, download.value.path().read_bytes()


def test_files__are_taken_without_scripts(page, tmp_path):
    """An option is changed; one file, a part and all hold what the command writes with it."""
    page.goto(PAGE)
    page.click("summary")
    page.fill("#id_address", "web.example:80")
    page.fill("#id_exporters", "node=one.example:9100\nnode=two.example:9100")
    page.click("text=Show the files")
    assert "changed: addresses of this page" in page.inner_text("summary")
    call_command(
        "monitoring_export", "--to", str(tmp_path), "--address", "web.example:80",
        "--exporters", "node=one.example:9100", "--exporters", "node=two.example:9100",
        stdout=io.StringIO(), stderr=io.StringIO(),
    )  # fmt: skip
    name, content = taken(page, "text=prometheus/prometheus.yml")
    assert name == "prometheus.yml"
    assert content == (tmp_path / "prometheus/prometheus.yml").read_bytes()
    assert b"two.example:9100" in content
    assert b"web.example:80" in content
    name, content = taken(page, "text=/^All .* files as ZIP$/i")
    assert name == "zerostate-monitoring.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found = {one: archive.read(one) for one in archive.namelist()}
    written = {path for path in tmp_path.rglob("*") if path.is_file() and path.name[0] != "."}
    assert found == {str(one.relative_to(tmp_path)): one.read_bytes() for one in written}


def test_fault__is_shown_without_scripts(page):
    """The options are open, the fault stands at its field, what was entered is still there."""
    page.goto(PAGE)
    page.click("summary")
    page.fill("#id_address", "nowhere")
    page.click("text=Show the files")
    assert "host:port" in page.inner_text(".errorlist")
    assert page.input_value("#id_address") == "nowhere"
    assert page.is_visible("#id_job")
    page.click("text=Take back")
    assert page.inner_text("#rules h2").startswith("Rules")
