"""The form of a node: secrets go in and never come out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import urlsplit

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.models import Node

SECRETS: Final = ("token", "ca_certificate", "client_certificate", "client_key")
# Sent to the node as it is; whoever may change the address could have it sent elsewhere.
_SENT: Final = frozenset({"token"})
_REFERENCES: Final = ("env:", "file:")

# Generic for the type checker only: Django's class takes no parameter.
if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Node]
else:
    ModelForm = forms.ModelForm


class NodeForm(ModelForm):
    """A node; a secret that is left empty stays as it is."""

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
        for name in SECRETS:
            if cleaned.get(f"clear_{name}"):
                cleaned[name] = ""
            elif name in self.fields and not cleaned.get(name) and name not in self.errors:
                if moved and self._kept[name] and name in _SENT:
                    self.add_error(name, _("The address is another. Enter it again or clear it."))
                cleaned[name] = self._kept[name]
        return cleaned


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
