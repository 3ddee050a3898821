"""Receivers that tell the log of security: logins, refused tokens, changes of rights."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.core.exceptions import SynchronousOnlyOperation
from django.db import DatabaseError, transaction
from django.db.models.signals import m2m_changed, post_delete, pre_save
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from zerostate_monitoring.conf import conf
from zerostate_monitoring.logs.clients import client_ip
from zerostate_monitoring.logs.security import SecurityEvent, tell

_FLAGS: Final = ("is_active", "is_staff", "is_superuser")
_CHANGES: Final = {"post_add": "added", "post_remove": "removed", "post_clear": "cleared"}
_LONGEST_NAME: Final = 150
_SHOWN: Final = 50
_SALT: Final = "zerostate_monitoring.login_failed"
_GONE: Final = "_zerostate_gone"


def connect() -> None:
    """Listen to logins, and to what changes a user's or a group's rights."""
    user_login_failed.connect(login_failed, dispatch_uid="zerostate_login_failed")
    user_logged_in.connect(login_succeeded, dispatch_uid="zerostate_login_succeeded")
    model = get_user_model()
    pre_save.connect(user_saved, sender=model, dispatch_uid="zerostate_user_saved")
    for holder in (model, Group):
        uid = f"zerostate_{holder._meta.model_name}_deleted"
        post_delete.connect(holder_deleted, sender=holder, dispatch_uid=uid)
    relations = [getattr(model, name, None) for name in ("groups", "user_permissions")]
    for relation in (*relations, Group.permissions):
        if (through := getattr(relation, "through", None)) is not None:
            m2m_changed.connect(rights_changed, sender=through)


def token_refused(request: HttpRequest) -> None:
    """A program was not let in; nothing of what it sent stands in the line."""
    tell(SecurityEvent.TOKEN_REFUSED, **_place(request))


def login_failed(
    sender: object, credentials: Mapping[str, Any], request: Any = None, **kwargs: Any
) -> None:
    """Receiver of ``user_login_failed``.

    A name that nobody has may be a password, typed into the wrong field: of such a one only a
    keyed digest is told, by which the same try is known again.
    """
    field = get_user_model().USERNAME_FIELD
    name = str(credentials.get("username") or credentials.get(field) or "")
    who = {"username": name} if _is_a_user(name) else {"username_digest": digest_of(name)}
    tell(SecurityEvent.LOGIN_FAILED, **who, **_place(request))


def digest_of(name: str) -> str:
    """What stands for a name that nobody has; SECRET_KEY keeps it from being tried out."""
    return salted_hmac(_SALT, name, algorithm="sha256").hexdigest()[:16]


def _is_a_user(name: str) -> bool:
    if not name or len(name) > _LONGEST_NAME or "\x00" in name:
        return False
    model = get_user_model()
    try:
        return model._default_manager.filter(**{model.USERNAME_FIELD: name}).exists()
    except (DatabaseError, SynchronousOnlyOperation, ValueError, TypeError):
        # Nobody is refused because a line cannot be written.
        return False


def login_succeeded(sender: object, user: Any, request: Any = None, **kwargs: Any) -> None:
    """Receiver of ``user_logged_in``."""
    tell(SecurityEvent.LOGIN_SUCCEEDED, username=user.get_username(), **_place(request))


def user_saved(
    sender: Any, instance: Any, update_fields: Any = None, using: str = "", **kwargs: Any
) -> None:
    """Receiver of ``pre_save``: what of a user's flags is about to change."""
    flags = [name for name in _FLAGS if update_fields is None or name in update_fields]
    flags = [name for name in flags if hasattr(instance, name)]
    if not flags or kwargs.get("raw"):
        return
    rows = sender._default_manager.using(using).filter(pk=instance.pk)
    before = rows.values(*flags).first() if instance.pk is not None else None
    old = before or dict.fromkeys(flags, False)
    # Whoever is new may log in; that alone is no right.
    changed = {
        name: getattr(instance, name) for name in flags if getattr(instance, name) != old[name]
    }
    if before is None:
        changed.pop("is_active", None)
    if changed:
        _tell_change(using, of=instance.get_username(), kind="flags", **changed)


def rights_changed(
    sender: Any,
    instance: Any,
    action: str,
    pk_set: Any = None,
    model: Any = None,
    using: str = "",
    **kwargs: Any,
) -> None:
    """Receiver of ``m2m_changed``: a user's groups or permissions, or a group's."""
    if action == "pre_clear":
        # Afterwards nobody knows what there was.
        setattr(instance, _GONE, _held(sender, instance, model))
    change = _CHANGES.get(action)
    if change is None or (pk_set is not None and not pk_set):
        return
    keys = sorted(pk_set or ())[:_SHOWN]
    names = [str(row) for row in model._default_manager.filter(pk__in=keys)]
    if action == "post_clear":
        names = vars(instance).pop(_GONE, [])
        if not names:
            return
    kind = model._meta.model_name
    _tell_change(using, of=str(instance), kind=kind, change=change, what=names)


def _held(through: Any, instance: Any, model: Any) -> list[str]:
    """What ``instance`` has by the relation with the table ``through``."""
    mine, others = _column(through, type(instance)), _column(through, model)
    if not mine or not others:
        return []
    rows = through._default_manager.filter(**{mine: instance.pk})
    keys = list(rows.values_list(others, flat=True)[:_SHOWN])
    return [str(row) for row in model._default_manager.filter(pk__in=keys)]


def _column(through: Any, model: type) -> str:
    """Where the rows of ``through`` name one of ``model``, or of a model that it extends."""
    relations = (field for field in through._meta.fields if field.is_relation)
    found = (one.attname for one in relations if issubclass(model, one.related_model))
    return next(found, "")


def holder_deleted(sender: Any, instance: Any, using: str = "", **kwargs: Any) -> None:
    """Receiver of ``post_delete``: a user is gone, or a group with what it allowed."""
    kind = sender._meta.model_name
    _tell_change(using, of=str(instance), kind=kind, change="deleted")


def _tell_change(using: str, **keys: Any) -> None:
    """Tell of a change of rights once it is sure; what is taken back has not been."""
    told = partial(tell, SecurityEvent.PERMISSIONS_CHANGED, **keys)
    transaction.on_commit(told, using=using or None, robust=True)


def _place(request: Any) -> dict[str, str]:
    if not isinstance(request, HttpRequest):
        return {}
    return {"path": request.path, "client_ip": client_ip(request.META, conf.TRUSTED_PROXIES)}
