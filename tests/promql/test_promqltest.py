"""Our engine answers Prometheus's own test scripts as they say."""

from __future__ import annotations

import pytest

from tests.promql import corpus, report
from tests.promql.promqltest import FAILED, Outcome, Script, summary
from zerostate_monitoring.promql.engine import Engine
from zerostate_monitoring.promql.query import parse

pytestmark = pytest.mark.real


def outcomes(name: str) -> list[Outcome]:
    """What becomes of the cases of one script."""
    text = (corpus.directory() / f"{name}.test").read_text(encoding="utf-8")
    return Script(parse, Engine, name).run(text)


# Where there is no Go there are no scripts. A test that was skipped would say less: the run's
# summary names what was not compared.
if reason := corpus.missing():
    report.add(report.NOT_COMPARED, reason)
else:

    def test_corpus__has_the_scripts_that_are_run():
        """A script that is new in another version is not overlooked."""
        found = {path.stem for path in corpus.directory().glob("*.test")}
        assert found == set(corpus.NAMES)

    @pytest.mark.parametrize("name", corpus.NAMES)
    def test_script__passes(name):
        """Every case that asks for no experimental feature and no native histogram."""
        found = outcomes(name)
        report.add(f"promqltest {name}", summary(found))
        failed = [one for one in found if one.status == FAILED]
        listed = "\n".join(f"{name}.test:{o.line}: {o.text}\n    {o.reason}" for o in failed)
        assert not failed, f"{summary(found)}\n{listed}"
