"""What holds alerts back: silences, maintenance windows, inhibitions."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.models.alert import Alert
from zerostate_monitoring.models.refusing import Errors, hold_faults, name_faults, refuse
from zerostate_monitoring.models.words import Origin
from zerostate_monitoring.rules.breadth import is_open
from zerostate_monitoring.rules.matchers import compile_text
from zerostate_monitoring.rules.windows import Once, Schedule, Span, Weekly, zone_of

LONGEST_SILENCE: Final = timedelta(days=30)
"""How long a silence may last without being confirmed."""

_MATCHERS_HELP: Final = _(
    'Conditions on labels, one per line, such as severity="warning" or node=~"edge-.*". '
    "Alerts are meant that meet all of them."
)


class Silence(models.Model):
    """Alerts that meet all matchers are not sent until it ends."""

    matchers = models.TextField(_("matchers"), help_text=_MATCHERS_HELP)
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    comment = models.TextField(_("comment"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    author = models.CharField(_("author"), max_length=200)
    alert = models.ForeignKey(
        Alert, null=True, blank=True, on_delete=models.SET_NULL, related_name="silences"
    )
    ends_on_resolve = models.BooleanField(
        _("ends on resolve"),
        default=False,
        help_text=_("Ends as soon as none of the alerts that it hits is left."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    reminded_at = models.DateTimeField(_("reminded"), null=True, blank=True, editable=False)
    had_alerts = models.BooleanField(_("has hit alerts"), default=False, editable=False)

    is_confirmed = False
    """Whether whoever saves it has said that it is meant to be that long or that broad."""

    class Meta:
        verbose_name = _("silence")
        verbose_name_plural = _("silences")
        ordering = ("-ends_at",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")),
                name="zerostate_monitoring_silence_ends_later",
            ),
        )

    def __str__(self) -> str:
        return self.comment or self.matchers

    def clean(self) -> None:
        """Refuse matchers that cannot be read, and what is too long or too broad unconfirmed."""
        errors: Errors = {"matchers": hold_faults(self.matchers), "ends_at": []}
        # None where a form could not read it, which it says itself.
        if None not in {self.starts_at, self.ends_at}:
            errors["ends_at"] = self._time_faults()
        if not self.is_confirmed:
            errors = {field: errors[field] + said for field, said in self.concerns().items()}
        refuse(errors)

    def faults(self) -> list[str]:
        """Why it holds nothing back; rows may have been written past a form."""
        return hold_faults(self.matchers)

    def concerns(self) -> Errors:
        """What may be a mistake, and is taken if it is confirmed: by field."""
        found: Errors = {"matchers": [], "ends_at": []}
        if not hold_faults(self.matchers) and is_open(self.matchers):
            said = gettext(
                "No matcher asks for a value that must be there, so this may hit nearly all "
                "alerts. Confirm that this is meant."
            )
            found["matchers"].append(said)
        both = None not in {self.starts_at, self.ends_at}
        if both and self.ends_at - self.starts_at > LONGEST_SILENCE:
            said = gettext("It lasts more than %(days)d days. Confirm that this is meant.")
            found["ends_at"].append(said % {"days": LONGEST_SILENCE.days})
        return found

    def _time_faults(self) -> list[str]:
        if self.ends_at <= self.starts_at:
            return [gettext("It must end after it starts.")]
        if self.ends_at <= timezone.now():
            return [gettext("That time is over already.")]
        return []


class WindowKind(models.TextChoices):
    """How often a maintenance window comes."""

    ONCE = "once", _("once")
    WEEKLY = "weekly", _("every week")


class MaintenanceWindow(models.Model):
    """Planned work: alerts that meet all matchers are not sent while it lasts."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    enabled = models.BooleanField(_("enabled"), default=True)
    matchers = models.TextField(_("matchers"), help_text=_MATCHERS_HELP)
    kind = models.CharField(_("how often"), max_length=10, choices=WindowKind)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    zone = models.CharField(
        _("time zone"), max_length=100, default="UTC", help_text=_("Such as Europe/Berlin.")
    )
    weekdays = models.JSONField(
        _("weekdays"), default=list, blank=True, help_text=_("0 is Monday, 6 is Sunday.")
    )
    start_time = models.TimeField(_("from"), null=True, blank=True)
    end_time = models.TimeField(
        _("until"), null=True, blank=True, help_text=_("If not later than from: on the next day.")
    )
    comment = models.TextField(_("comment"), blank=True)
    author = models.CharField(_("author"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("maintenance window")
        verbose_name_plural = _("maintenance windows")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse what cannot be read, and what does not say when it is open."""
        errors: Errors = {"matchers": hold_faults(self.matchers)}
        times = self._once_faults() if self.kind == WindowKind.ONCE else self._weekly_faults()
        refuse({**errors, **times, "zone": self._zone_faults()})

    def faults(self) -> list[str]:
        """Why it holds nothing back; rows may have been written past a form."""
        try:
            self.schedule()
        except RuleError as error:
            return [*hold_faults(self.matchers), str(error)]
        return hold_faults(self.matchers)

    def schedule(self) -> Schedule:
        """When it is open, as a value.

        Raises:
            RuleError: its fields do not say when.
        """
        once = self.kind == WindowKind.ONCE
        faults = self._once_faults() if once else self._weekly_faults()
        if self.kind not in WindowKind.values:
            faults["kind"] = [gettext("It is neither once nor weekly.")]
        found = [sentence for said in faults.values() for sentence in said]
        if found:
            raise RuleError(" ".join(found))
        if self.kind == WindowKind.ONCE and self.starts_at and self.ends_at:
            return Once(Span(self.starts_at, self.ends_at))
        if self.start_time is None or self.end_time is None:
            raise RuleError(gettext("It has no times."))
        days = frozenset(self.weekdays)
        return Weekly(zone_of(self.zone), days, self.start_time, self.end_time)

    def _once_faults(self) -> Errors:
        missing = gettext("A window that comes once needs it.")
        errors = {
            name: [] if getattr(self, name) else [missing] for name in ("starts_at", "ends_at")
        }
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            errors["ends_at"].append(gettext("It must end after it starts."))
        return errors

    def _weekly_faults(self) -> Errors:
        missing = gettext("A window that comes every week needs it.")
        errors = {
            name: [missing] if getattr(self, name) is None else []
            for name in ("start_time", "end_time")
        }
        days = self.weekdays
        known = isinstance(days, list) and all(type(day) is int and 0 <= day < 7 for day in days)
        if not known or not days:
            errors["weekdays"] = [gettext("Choose at least one weekday.")]
        return errors

    def _zone_faults(self) -> list[str]:
        try:
            zone_of(self.zone)
        except RuleError as error:
            return [str(error)]
        return []


class Inhibition(models.Model):
    """While a source alert fires, target alerts with the same ``equal`` labels are not sent."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    enabled = models.BooleanField(_("enabled"), default=True)
    source_matchers = models.TextField(_("when these fire"))
    target_matchers = models.TextField(_("these are not sent"))
    equal = models.JSONField(
        _("equal labels"), default=list, blank=True, help_text=_("A missing label is an empty one.")
    )
    origin = models.CharField(
        _("origin"), max_length=20, choices=Origin, default=Origin.OWN, editable=False
    )
    shipped_key = models.CharField(_("shipped as"), max_length=200, blank=True, editable=False)

    class Meta:
        verbose_name = _("inhibition")
        verbose_name_plural = _("inhibitions")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse what cannot be read, and an inhibition of whatever by itself."""
        errors = {
            "source_matchers": hold_faults(self.source_matchers),
            "target_matchers": hold_faults(self.target_matchers),
            "equal": name_faults(self.equal),
        }
        if not any(errors.values()) and not self.equal and self._sides_are_the_same():
            said = gettext(
                "Both sides are the same, and no label must be equal: this would hold nothing "
                "back, for alerts on both sides do not hold each other back."
            )
            errors["target_matchers"].append(said)
        refuse(errors)

    def faults(self) -> list[str]:
        """Why it holds nothing back; rows may have been written past a form."""
        sides = (self.source_matchers, self.target_matchers)
        said = [sentence for side in sides for sentence in hold_faults(side)]
        return said + name_faults(self.equal)

    def _sides_are_the_same(self) -> bool:
        sides = (self.source_matchers, self.target_matchers)
        source, target = (frozenset(compile_text(side).matchers) for side in sides)
        return source == target
