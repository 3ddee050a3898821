"""The demonstration as somebody walks it: break, watch, read the mail, mend, read the next."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.example_project.demo import Demo, running
from tests.real.chromium import chromium
from tests.servers import wait_until

pytestmark = pytest.mark.real

ADMIN: Final = "/admin/zerostate_monitoring"
NAME: Final = "PaymentsFailNow"
RULE: Final = {
    # As the built-in PaymentsFailing, for somebody who has no minutes.
    "name": NAME,
    "expr": 'sum(increase(zerostate_economic_payments_total{status="failed"}[45s])) / '
    'sum(increase(zerostate_economic_payments_total{status=~"success|failed"}[45s])) > 0.2',
    "for_duration": "15s",
    "annotations": "summary: {{ $value | humanizePercentage }} of the payments fail.",
}


@pytest.fixture
def demo(tmp_path) -> Iterator[Demo]:
    with running(tmp_path) as started:
        started.wait_for("Statistics")
        yield started


@pytest.fixture
def page(demo) -> Iterator[Any]:
    """A page on which the demo's user is logged in."""
    with chromium(base_url=f"http://127.0.0.1:{demo.port}") as opened:
        found = re.search(r"password (\S+)", demo.text)
        assert found is not None
        opened.goto("/admin/login/")
        opened.fill("#id_username", "admin")
        opened.fill("#id_password", found[1])
        opened.click("[type=submit]")
        yield opened


def until(page: Any, address: str, pattern: str, seconds: float = 240) -> str:
    """Load a page again and again until its text has ``pattern``; the text."""
    deadline = time.monotonic() + seconds
    while True:
        page.goto(address)
        text: str = page.inner_text("body")
        if re.search(pattern, text):
            return text
        assert time.monotonic() < deadline, f"not within {seconds} s: {pattern} in\n{text}"
        page.wait_for_timeout(500)


def add_rule(page: Any) -> None:
    """A group that is evaluated as often as there is something new, and a rule in it."""
    page.goto(f"{ADMIN}/rulegroup/add/")
    page.fill("[name=name]", "in a hurry")
    page.fill("[name=interval_seconds]", "15")
    page.click("[name=_save]")
    page.goto(f"{ADMIN}/rule/add/")
    page.select_option("[name=group]", label="in a hurry")
    page.select_option("[name=severity]", "critical")
    for name, text in RULE.items():
        page.fill(f"[name={name}]", text)
    page.click("[name=_save]")
    assert "was added successfully" in page.inner_text(".messagelist")


def test_payments__break_fire_arrive_mend_resolve(demo, page):
    """Pending and firing in admin, a mail with a chart in the mailbox, and one that it is over."""
    add_rule(page)
    until(page, "/mailbox/", "No mail yet")
    assert demo.network("break", "payments").returncode == 0

    until(page, f"{ADMIN}/alert/?q={NAME}", rf"(pending|firing)\s+{NAME}")
    until(page, f"{ADMIN}/alert/?q={NAME}", rf"firing\s+{NAME}")
    until(page, "/mailbox/", rf"\[FIRING critical\] {NAME}\s+ops@zerostate.example")

    page.click(f"text=[FIRING critical] {NAME}")
    mail = page.frame_locator("iframe")
    assert re.search(r"\d+(\.\d+)?% of the payments fail", mail.locator("body").inner_text())
    chart = mail.locator("img")
    wait_until(lambda: chart.bounding_box()["height"] > 50, what="the chart is shown")
    address = mail.locator("a", has_text="Details").get_attribute("href")
    assert address.startswith(f"http://127.0.0.1:{demo.port}{ADMIN}/alert/")
    with page.expect_popup() as opened:
        mail.locator("a", has_text="Details").click()
    opened.value.wait_for_url(address)
    opened.value.close()
    told = until(page, address, "Handed over for 1 recipient")
    assert "Critical" in told
    # The built-in rule sees it, too; it waits for two minutes before it fires.
    until(page, f"{ADMIN}/alert/?q=PaymentsFailing", r"(pending|firing)\s+PaymentsFailing")

    assert demo.network("mend", "payments").returncode == 0
    until(page, "/mailbox/", rf"\[RESOLVED after [^]]+\] {NAME}")
    timeline = until(page, address, "resolved").lower()
    assert re.search(r"pending.*firing.*sent.*resolved", timeline, re.DOTALL)
