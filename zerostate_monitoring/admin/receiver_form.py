"""The form of a receiver: the fields of its kind; secrets go in and never come out."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin.seen import WatchedForm
from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.models import Receiver
from zerostate_monitoring.models.words import in_words
from zerostate_monitoring.notifiers import KINDS, target_of
from zerostate_monitoring.notifiers.base import Target
from zerostate_monitoring.notifiers.destinations import places
from zerostate_monitoring.notifiers.fields import Field, FieldedNotifier
from zerostate_monitoring.notifiers.secrets import seal

PREFIX: Final = "field_"
CLEAR: Final = "clear_"

# Generic for the type checker only: Django's class takes no parameter.
if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Receiver]
else:
    ModelForm = forms.ModelForm


class ReceiverForm(WatchedForm, ModelForm):
    """A receiver of one kind; a secret that is left empty stays as it is."""

    notifier: ClassVar[FieldedNotifier]

    class Meta:
        model = Receiver
        fields = ("name", "enabled", "send_resolved")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.kind = self.notifier.kind
        self._kept = _kept(self.instance)
        for field in self.notifier.fields:
            self._prepare(field)

    def clean(self) -> dict[str, Any]:
        """Put the configuration together; what was not entered of secrets stays."""
        cleaned = super().clean() or self.cleaned_data
        config, secrets = dict[str, Any](), dict[str, str]()
        for field in self.notifier.fields:
            entered = cleaned.get(PREFIX + field.name)
            if not field.is_secret:
                config |= {field.name: entered} if entered else {}
            elif entered:
                secrets[field.name] = entered
            elif not cleaned.get(CLEAR + field.name) and field.name in self._secrets:
                secrets[field.name] = self._secrets[field.name]
        self._refuse_to_send_elsewhere(Target(self.instance.name, config, secrets), cleaned)
        self.instance.config = config
        self._seal(secrets)
        return cleaned

    def unshown(self) -> dict[str, str]:
        """Its secrets, as they are stored."""
        return {PREFIX + name: text for name, text in self._secrets.items()}

    def _seal(self, secrets: dict[str, str]) -> None:
        if self._kept is None and not secrets:
            # Nobody can read what is stored; it stays until something else is entered.
            return
        try:
            self.instance.secret = seal(secrets)
        except ConfigurationError as error:
            self.add_error(None, in_words(str(error)))

    @property
    def _secrets(self) -> dict[str, str]:
        return {} if self._kept is None else dict(self._kept.secrets)

    def _prepare(self, field: Field) -> None:
        if field.is_secret:
            self.fields[PREFIX + field.name].help_text = self._secret_help(field)
            if field.name not in self._secrets:
                del self.fields[CLEAR + field.name]
        else:
            value = self.instance.config.get(field.name) or field.default
            self.initial[PREFIX + field.name] = "\n".join(value) if _is_list(value) else value

    def _secret_help(self, field: Field) -> str:
        if self._kept is None:
            state = _("What is stored cannot be decrypted. Enter it anew.")
        elif field.name in self._secrets:
            state = _("Set, and not shown. Leave empty to keep it.")
        else:
            state = _("Not set.")
        return f"{field.help} {state}".strip()

    def _refuse_to_send_elsewhere(self, target: Target, cleaned: dict[str, Any]) -> None:
        """Whoever changes the address must know what is sent there, or clear it."""
        fields = self.notifier.fields
        if self._kept is None or places(fields, self._kept) == places(fields, target):
            return
        for field in fields:
            is_kept = field.name in target.secrets and not cleaned.get(PREFIX + field.name)
            if field.is_sent and is_kept:
                message = _("The address is another. Enter it again or clear it.")
                self.add_error(PREFIX + field.name, message)

    def _update_errors(self, errors: ValidationError) -> None:
        """Faults of the configuration stand beside their fields."""
        found = getattr(errors, "error_dict", {})
        for error in found.pop("config", ()):
            name = f"{PREFIX}{error.code}"
            known = name if name in self.fields else None
            # A field whose own error is shown already needs no second one.
            if known is None or known not in self.errors:
                self.add_error(known, str(error.params["reason"]))
        if found or not hasattr(errors, "error_dict"):
            super()._update_errors(errors)  # type: ignore[misc]


@lru_cache(maxsize=32)
def form_of(kind: str) -> type[ReceiverForm]:
    """The form of a kind of receiver."""
    notifier = KINDS[kind]
    made: dict[str, Any] = {"notifier": notifier, "__module__": __name__}
    for field in notifier.fields:
        made[PREFIX + field.name] = _form_field(field)
        if field.is_secret:
            label = format_lazy("{}: {}", gettext_lazy("Clear"), field.label)
            made[CLEAR + field.name] = forms.BooleanField(label=label, required=False)
    return type(f"{notifier.kind.title()}Form", (ReceiverForm,), made)


class LinesField(forms.CharField):
    """A list of texts, one on each line."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        """The lines that are not empty."""
        text = super().to_python(value) or ""
        return [line.strip() for line in text.splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether other lines were entered."""
        return bool(self.to_python(initial) != self.to_python(data))


def _form_field(field: Field) -> forms.Field:
    how: dict[str, Any] = {"label": field.label, "help_text": field.help, "required": False}
    if field.shape == "lines":
        return LinesField(widget=forms.Textarea(attrs={"rows": 4, "cols": 60}), **how)
    if field.is_secret:
        attributes = {"class": "vTextField", "autocomplete": "new-password"}
        return forms.CharField(widget=forms.PasswordInput(attrs=attributes), **how)
    return forms.CharField(widget=forms.TextInput(attrs={"class": "vTextField"}), **how)


def _is_list(value: Any) -> bool:
    return isinstance(value, (list, tuple))


def _kept(receiver: Receiver) -> Target | None:
    """The receiver as it is stored; ``None`` if its secrets cannot be read."""
    try:
        return target_of(receiver)
    except ConfigurationError:
        return None
