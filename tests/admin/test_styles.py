"""Style sheets: what is said of one thing stands in one place, and reaches every page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

SHEETS = ("admin", "chart", "explore", "operating", "overview", "rule")


def rules(sheet):
    """Selectors and declarations, those within media queries, too."""
    found = finders.find(f"zerostate_monitoring/{sheet}.css")
    assert found is not None
    text = Path(found).read_text()
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return re.findall(r"([^{}]+)\{([^{}]*)\}", text)


def test_trouble__its_columns_have_their_widths_in_one_sheet():
    """Two that each set them would be right only in the order in which they are loaded."""
    found = {
        sheet
        for sheet in SHEETS
        for selector, said in rules(sheet)
        if "field-trouble" in selector.replace(":not(.field-trouble", "") and "width" in said
    }
    assert found == {"operating"}


@pytest.mark.parametrize("sheet", SHEETS)
def test_buttons__over_a_page_are_laid_out_on_pages_of_our_own_too(sheet):
    """Their bodies have no class of the app: only what Django's own lists and forms have does."""
    keyed = [one for one, _said in rules(sheet) if ".app-zerostate_monitoring" in one]
    only = ("#result_list", "#changelist", ".change-list")
    assert [one.strip() for one in keyed if not any(part in one for part in only)] == []
