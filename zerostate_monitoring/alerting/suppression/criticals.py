"""What holds back that somebody should be woken: told to the log of security, once it is sure.

A silence, a maintenance window, an inhibition, an acknowledgement; a critical rule that is
disabled, deleted, observed or no longer critical; for routes and receivers see
``alerting.routing.silencing``. Whoever changes such a row past ``save()``
calls what stands here himself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from zerostate_monitoring.exceptions import RuleError
from zerostate_monitoring.logs.security import SecurityEvent, tell
from zerostate_monitoring.models import Alert, Inhibition, MaintenanceWindow, Rule, Silence
from zerostate_monitoring.models.rule_group import RuleGroup
from zerostate_monitoring.models.words import Origin, RuleKind, Severity
from zerostate_monitoring.rules.breadth import may_have

_SHOWN: Final = 20


def critical_rules(matchers: str) -> list[str]:
    """Names of the enabled critical rules whose alerts can meet ``matchers``.

    Matchers that cannot be read hold nothing back.
    """
    try:
        if not may_have(matchers, "severity", Severity.CRITICAL):
            return []
        names = _criticals().values_list("name", flat=True)
        return [name for name in names if may_have(matchers, "alertname", name)]
    except RuleError:
        return []


def _criticals() -> Any:
    rows = Rule.objects.filter(kind=RuleKind.ALERTING, severity=Severity.CRITICAL)
    return rows.filter(enabled=True).order_by("name")


# -- what holds back -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the log says of one kind of row: its word, and where its parts stand."""

    kind: str
    name: str
    matchers: str = "matchers"
    keys: Mapping[str, str] = field(
        default_factory=lambda: {"until": "ends_at", "author": "author"}
    )


_SHAPES: Final[Mapping[type[Any], _Shape]] = {
    Silence: _Shape("silence", "pk"),
    MaintenanceWindow: _Shape("window", "name"),
    Inhibition: _Shape("inhibition", "name", "target_matchers", {}),
}


def holding_saved(
    sender: type[Any], instance: Any, using: str | None = None, **kwargs: Any
) -> None:
    """Receiver of ``post_save`` of what holds back; call it also where ``save()`` was passed by.

    Not of a window that is disabled or cannot open, nor of an inhibition that is disabled or that
    this app ships: that one is its own.
    """
    shape = _SHAPES[sender]
    if not getattr(instance, "enabled", True) or not _is_told(instance):
        return
    keys = {name: getattr(instance, where) for name, where in shape.keys.items()}
    keys[shape.kind] = getattr(instance, shape.name)
    is_new = bool(kwargs.get("created"))
    _tell_of(shape.kind, getattr(instance, shape.matchers), using, **keys, is_new=is_new)


def _is_told(row: Any) -> bool:
    if isinstance(row, MaintenanceWindow):
        return not row.faults()
    return not isinstance(row, Inhibition) or row.origin == Origin.OWN


def _tell_of(kind: str, matchers: str, using: str | None, **keys: Any) -> None:
    silenced(kind, critical_rules(matchers), using, matchers=matchers, **keys)


def silenced(kind: str, rules: list[str], using: str | None, **keys: Any) -> None:
    """Something of this ``kind`` may hold back these critical ``rules``; none is no event."""
    if rules:
        keys |= {"rules": rules[:_SHOWN], "rule_count": len(rules)}
        _surely(using, SecurityEvent.CRITICAL_SILENCED, kind=kind, **keys)


def acknowledged(alert: Alert, author: Any, until: Any) -> None:
    """Somebody has taken a critical alert on: it is not told again meanwhile."""
    if alert.severity == Severity.CRITICAL:
        _surely(
            None,
            SecurityEvent.CRITICAL_SILENCED,
            kind="acknowledgement",
            alert=alert.pk,
            rules=[alert.rule_name],
            rule_count=1,
            until=until,
            author="" if author is None else author.get_username(),
        )


# -- rules -----------------------------------------------------------------------------


def rule_saved(sender: type[Rule], instance: Rule, using: str | None = None, **kwargs: Any) -> None:
    """Receiver of ``post_save``: what of a critical rule's edit keeps it from waking anybody."""
    former = instance.former
    if former is None or not former.enabled or former.texts["severity"] != Severity.CRITICAL:
        return
    watched = instance.observing_until
    if not instance.enabled:
        _tell_rules(using, "disabled", [instance.name], instance.editor)
    elif instance.severity != Severity.CRITICAL:
        _tell_rules(using, "severity", [instance.name], instance.editor, to=instance.severity)
    elif watched is not None and watched > timezone.now():
        _tell_rules(using, "observed", [instance.name], instance.editor, until=watched)


def rule_deleted(
    sender: type[Rule], instance: Rule, using: str | None = None, **kwargs: Any
) -> None:
    """Receiver of ``pre_delete``."""
    if instance.enabled and instance.severity == Severity.CRITICAL:
        _tell_rules(using, "deleted", [instance.name], instance.editor)


def group_saved(
    sender: type[RuleGroup], instance: RuleGroup, using: str | None = None, **kwargs: Any
) -> None:
    """Receiver of ``post_save``: a group that is disabled takes its rules along."""
    former = instance.former
    if former is None or not former.enabled or instance.enabled:
        return
    names = list(_criticals().filter(group=instance.pk).values_list("name", flat=True))
    if names:
        _tell_rules(using, "disabled", names, instance.editor, group=instance.name)


def _tell_rules(using: str | None, change: str, names: list[str], who: Any, **keys: Any) -> None:
    author = "" if who is None else who.get_username()
    told = {"change": change, "rules": names[:_SHOWN], "rule_count": len(names), "author": author}
    _surely(using, SecurityEvent.CRITICAL_DISABLED, **told, **keys)


def _surely(using: str | None, event: SecurityEvent, **keys: Any) -> None:
    """Tell once the transaction is kept; what is taken back has silenced nothing."""
    transaction.on_commit(partial(tell, event, **keys), using=using, robust=True)
