"""Whether a rule's data is there: judged before it is evaluated.

Four things that look alike are told apart. A family that nobody feeds in this installation
makes a rule *dormant*. One whose producer has ceased leaves it without *data*. Values that stand
and are older than any question looks back are *too old*: nobody records newer ones. And a producer
that works and has nothing to say is no fault at all: what it says no longer has ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

from zerostate_monitoring.alerting.needs import Needs, needs_of
from zerostate_monitoring.alerting.producers import Producers, Recording
from zerostate_monitoring.alerting.verdicts import OK, Verdict, best, combined
from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Definition
from zerostate_monitoring.conf import conf
from zerostate_monitoring.exceptions import QueryError
from zerostate_monitoring.models import Rule
from zerostate_monitoring.models.words import Health, NoDataPolicy
from zerostate_monitoring.promql.engine import LOOKBACK_MS
from zerostate_monitoring.promql.query import Query
from zerostate_monitoring.querying import forecast
from zerostate_monitoring.querying.engines import history_head
from zerostate_monitoring.querying.readiness import Readiness
from zerostate_monitoring.querying.scraped import unscraped
from zerostate_monitoring.storage.recorded import ALERTS, FOR_STATE

_PREFIX: Final = "zerostate_monitoring_"
_STORE_UP: Final = _PREFIX + "store_up"
OF_THE_MONITORING: Final = frozenset(
    {
        _PREFIX + "collector_last_success_timestamp_seconds",
        _PREFIX + "collector_interval_seconds",
        _STORE_UP,
        _PREFIX + "outbox_oldest_due_timestamp_seconds",
        _PREFIX + "evaluation_last_success_timestamp_seconds",
    }
)
"""Families whose absence is itself the fault: rules of these alone are always evaluated."""


def judge(rules: Iterable[Rule], at_ms: int) -> Mapping[int, Verdict]:
    """The verdict on each rule, by primary key, at an instant (ms).

    A constant number of queries, however many rules there are. Where a server answers in place
    of this app, only families of the catalogue are judged, and whether it scrapes the page:
    what else it knows, how far back it goes, and what it records itself, nobody knows here.

    Raises:
        StoreError: the store, or the database behind it, does not answer.
    """
    found = list(rules)
    if not found:
        return {}
    judging = _OfServer(Producers(at_ms)) if conf.PROMETHEUS_URL else _Judging(Producers(at_ms))
    return {rule.pk: judging.verdict(rule) for rule in found}


class _Judging:
    """One tick's verdicts: each name and each expression is looked at once."""

    def __init__(self, producers: Producers) -> None:
        self._producers: Final = producers
        self._forecast: Final = self._foresight()
        self._silence: Final = self._silent()
        self._names: Final[dict[str, Verdict]] = {}
        self._verdicts: Final[dict[str, Verdict]] = {}

    def _foresight(self) -> Callable[[Query, int], Readiness] | None:
        """Who says when a question can be answered whole; nobody where none can."""
        return forecast()

    def _silent(self) -> Verdict:
        """Whether history has a page that is new enough to say anything of the instant."""
        return OK if conf.HISTORY <= 0 else heard(history_head(refresh=False).last, self._at_ms)

    @property
    def _at_ms(self) -> int:
        return self._producers.at_ms

    def verdict(self, rule: Rule) -> Verdict:
        try:
            needs = needs_of(rule.expr)
        except QueryError:
            # Evaluation says what is wrong with it.
            return OK
        if needs.names and needs.names <= OF_THE_MONITORING:
            return self._of_monitoring(rule, needs)
        known = self._verdicts.get(rule.expr)
        if known is None:
            known = self._verdicts[rule.expr] = self._of(needs)
        return known

    def _of_monitoring(self, rule: Rule, needs: Needs) -> Verdict:
        """Absence is the fault: told where the rule is to fire for it, seen before or not."""
        found = combined(needs.data, self._ceased)
        is_wanted = rule.no_data_policy == NoDataPolicy.FIRE or found.health != Health.NO_DATA
        return found if is_wanted else OK

    def _of(self, needs: Needs) -> Verdict:
        found = combined(needs.data, self._of_name)
        if found.health in {Health.DORMANT, Health.STALE}:
            return found
        waiting = self._waiting(needs)
        return found if waiting is None else waiting

    def _waiting(self, needs: Needs) -> Verdict | None:
        """Where history is younger than what an expression looks back on."""
        if self._forecast is None or not (needs.past or needs.back_ms):
            return None
        outlook = self._forecast(needs.query, self._at_ms)
        if outlook.ready:
            return None
        since_ms = outlook.forgotten_ms(self._at_ms)
        # Of what never gets there, what is there is all that can be asked for.
        is_young = outlook.is_recorded and outlook.at_ms is not None
        return Verdict(Health.WAITING, str(outlook), outlook.at_ms, since_ms, is_young)

    # -- names -------------------------------------------------------------------

    def _of_name(self, name: str) -> Verdict:
        known = self._names.get(name)
        if known is None:
            # A rule that reads what it records itself finds itself to be in order.
            self._names[name] = OK
            known = self._names[name] = self._looked_at(name)
        return known

    def _looked_at(self, name: str) -> Verdict:
        if name in {ALERTS, FOR_STATE}:
            return OK
        definition = CATALOGUE.find(name)
        if definition is not None:
            return self._of_family(definition, name)
        if name in self._producers.recording:
            return best([self._recorded(name, one) for one in self._producers.recording[name]])
        if ":" in name and not self._producers.stands(name):
            return Verdict(Health.DORMANT, f"no rule records {name}")
        return self._of_stranger(name)

    def _recorded(self, name: str, rule: Recording) -> Verdict:
        try:
            found = combined(needs_of(rule.expr).data, self._of_name)
        except QueryError:
            found = OK
        if found is not OK:
            return Verdict(found.health, f"{name} is not recorded: {found.reason}")
        if rule.error and not self._producers.stands(name):
            # What it gave before it failed is out of sight by now, and nothing came after it.
            reason = f"{name} is not recorded: its rule is in error: {rule.error}"
            return Verdict(Health.STALE, reason)
        return OK

    def _of_stranger(self, name: str) -> Verdict:
        """A family that the catalogue does not know: one of the project's own collectors'."""
        if self._producers.stands(name):
            return OK
        if lacking := self._producers.lacking_own():
            said = f"nobody gives {name}, and collector {lacking} gives nothing"
            return Verdict(Health.NO_DATA, said)
        return self._silence

    def _of_family(self, definition: Definition, name: str) -> Verdict:
        if reason := self._unfed(definition, name):
            return Verdict(Health.DORMANT, reason)
        return self._ceased(name)

    def _ceased(self, name: str) -> Verdict:
        """Whether the producers of a catalogued family do no longer give it, or nobody records."""
        definition = CATALOGUE.find(name)
        # That of the store a worker knows itself.
        if definition is None or name == _STORE_UP or self._producers.stands(name):
            return OK
        givers = self._producers.collectors_of(definition) or ()
        reasons = [self._lacks(giver, definition) for giver in givers]
        if not reasons or not all(reasons):
            return self._silence
        return Verdict(Health.NO_DATA, f"{definition.name}: {'; '.join(reasons)}")

    def _unfed(self, definition: Definition, name: str) -> str:
        """Why a family is not fed in this installation; empty if it is."""
        row = self._producers.families.get(definition.name)
        if definition.planned:
            return f"nothing feeds {definition.name} in this version"
        if row is not None and row.withdrawn:
            return f"{definition.name} was withdrawn"
        if row is not None and not row.enabled:
            return f"{definition.name} is switched off"
        if (row is None or not row.seen) and not self._producers.stands(name):
            return f"{definition.name} has never been seen here: nobody feeds it"
        givers = self._producers.collectors_of(definition)
        off = [giver for giver in givers or () if not self._is_on(giver)]
        if givers is not None and len(off) == len(givers):
            named = ", ".join(off) or "of the platform"
            return f"{definition.name} is not fed: collector {named} is switched off"
        return ""

    def _is_on(self, collector: str) -> bool:
        run = self._producers.runs.get(collector)
        return run is None or run.enabled

    def _lacks(self, collector: str, definition: Definition) -> str:
        """Why a collector does not give a family although it should; empty if it is in order."""
        run = self._producers.runs.get(collector)
        if run is not None and definition.name in run.absent:
            return f"collector {collector} could not give it: {run.absent[definition.name]}"
        if self._producers.is_fresh(collector):
            return ""
        if run is None or run.succeeded_at is None:
            return f"collector {collector} has not succeeded yet"
        at = datetime.fromtimestamp(run.succeeded_at, UTC)
        return f"collector {collector} has not succeeded since {at:%Y-%m-%d %H:%M:%S} UTC"


class _OfServer(_Judging):
    """What can be said here where another server answers."""

    def __init__(self, producers: Producers) -> None:
        super().__init__(producers)
        self._unscraped: str | None = None

    def _foresight(self) -> None:
        """How far back that server goes is not known."""

    def _silent(self) -> Verdict:
        """Nor what is the newest that it has: that is asked for where it is looked for."""
        return OK

    def _looked_at(self, name: str) -> Verdict:
        return OK if CATALOGUE.find(name) is None else super()._looked_at(name)

    def _of_family(self, definition: Definition, name: str) -> Verdict:
        if self._producers.is_left_to_server(definition):
            return OK
        return super()._of_family(definition, name)

    def _ceased(self, name: str) -> Verdict:
        if self._unscraped is None:
            self._unscraped = unscraped(self._producers.at_ms)
        if self._unscraped:
            return Verdict(Health.NO_DATA, self._unscraped)
        return super()._ceased(name)


class _InHindsight(_Judging):
    """What was so at an instant that is past, as far as history tells it."""

    def _foresight(self) -> None:
        """A slot of the past is asked for what there is: nothing is waited for."""

    def _silent(self) -> Verdict:
        """At a slot without a page nothing was evaluated: there is none to be judged."""
        return OK


def judge_past(rule: Rule, producers: Producers) -> Verdict:
    """The verdict on a rule at the instant of ``producers``, which is past."""
    return _InHindsight(producers).verdict(rule)


def heard(newest_ms: int, at_ms: int) -> Verdict:
    """What is said of all that stands on pages, where the newest one in history is so old."""
    if not newest_ms:
        return Verdict(Health.WAITING, "there is no history yet: no page has been recorded")
    if at_ms - newest_ms < LOOKBACK_MS:
        return OK
    at = datetime.fromtimestamp(newest_ms / 1000, UTC)
    return Verdict(
        Health.STALE,
        f"the newest page in history is of {at:%Y-%m-%d %H:%M:%S} UTC: nobody records newer ones",
    )
