"""The form of a node: secrets go in and never come out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.admin.seen import SeenForm
from zerostate_monitoring.collectors.trial import Trial, try_out
from zerostate_monitoring.conf import conf
from zerostate_monitoring.doctor.switch import SWITCHED_OFF
from zerostate_monitoring.models import Node

TRY: Final = "_try"
"""The name of the button that asks a node before it is saved."""
SECRETS: Final = ("token", "ca_certificate", "client_certificate", "client_key")
# Sent to the node as it is; whoever may change the address could have it sent elsewhere.
_SENT: Final = frozenset({"token"})
_REFERENCES: Final = ("env:", "file:")

# Generic for the type checker only: Django's class takes no parameter.
if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Node]
else:
    ModelForm = forms.ModelForm


class NodeForm(SeenForm, ModelForm):
    """A node; a secret that is left empty stays as it is.

    Sent by the button ``TRY`` it asks the node as it was entered, and saves nothing.
    """

    trial: Trial | None = None
    """What the node answered; set where the form was only to be tried out."""
    tried_with_token = forms.BooleanField(required=False, widget=forms.HiddenInput)
    clear_token = forms.BooleanField(label=gettext_lazy("Clear the token"), required=False)
    clear_ca_certificate = forms.BooleanField(
        label=gettext_lazy("Clear the CA certificate"), required=False
    )
    clear_client_certificate = forms.BooleanField(
        label=gettext_lazy("Clear the client certificate"), required=False
    )
    clear_client_key = forms.BooleanField(
        label=gettext_lazy("Clear the client key"), required=False
    )

    class Meta:
        model = Node
        fields = (
            *("name", "role", "base_url", "metrics_path", "enabled", "ephemeral", "labels"),
            *SECRETS,
        )
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "base_url": forms.TextInput(attrs={"class": "vTextField"}),
            "metrics_path": forms.TextInput(attrs={"class": "vTextField"}),
            "labels": forms.Textarea(attrs={"rows": 3, "cols": 60}),
            "token": forms.PasswordInput(
                attrs={"class": "vTextField", "autocomplete": "new-password"}
            ),
            **{
                name: forms.Textarea(attrs={"rows": 3, "cols": 60, "autocomplete": "off"})
                for name in SECRETS[1:]
            },
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept = {name: str(getattr(self.instance, name)) for name in SECRETS}
        self._sent_to = _place(str(self.instance.base_url))
        for name in SECRETS:
            if name in self.fields:
                self.initial[name] = ""
                self.fields[name].help_text = _help_of(self._kept[name])

    def clean(self) -> dict[str, Any]:
        """Put the kept secret where nothing was entered, and nothing where it is cleared."""
        cleaned = super().clean() or self.cleaned_data
        moved = _place(str(cleaned.get("base_url", ""))) != self._sent_to
        self._demand_token(cleaned)
        for name in SECRETS:
            if cleaned.get(f"clear_{name}"):
                cleaned[name] = ""
            elif name in self.fields and not cleaned.get(name) and name not in self.errors:
                if moved and self._kept[name] and name in _SENT:
                    self.add_error(name, _("The address is another. Enter it again or clear it."))
                cleaned[name] = self._kept[name]
        return cleaned

    def _demand_token(self, cleaned: dict[str, Any]) -> None:
        """What was tried with a token is not saved without it: a form does not send it back."""
        is_missing = not cleaned.get("token") and not cleaned.get("clear_token")
        if cleaned.get("tried_with_token") and is_missing and "token" in self.fields:
            said = _(
                "It was tried with a token, which is not sent back: enter it again, or clear it."
            )
            self.add_error("token", said)

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if TRY not in self.data:
            self.refuse_overtaken()
            return
        self.look_for_others(lock=False)
        if not self.errors:
            self._try_out()

    def unshown(self) -> dict[str, str]:
        """Its secrets, as they are stored."""
        return {name: text for name, text in self._kept.items() if text and name in self.fields}

    def _try_out(self) -> None:
        """Ask the node as it was entered; that nothing is saved is what the error is for."""
        if conf.ENABLED:
            self.trial = try_out(self.instance)
        else:
            self.trial = Trial(self.instance.name, kind="configuration", error=_(SWITCHED_OFF))
        self.add_error(None, ValidationError(_("Nothing is saved yet."), code="trial"))


def _place(url: str) -> tuple[str, str]:
    """Where a secret goes: scheme, and host with port."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc


def _help_of(kept: str) -> str:
    entered = _("Enter the value, env:NAME or file:/path.")
    if not kept:
        return _("Not set.") + " " + entered
    if kept.startswith(_REFERENCES):
        return _("Now %(reference)s. Leave empty to keep it.") % {"reference": kept}
    return _("Set, and not shown. Leave empty to keep it.") + " " + entered
