"""The form that takes a document with nodes, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.collectors.node_import import CSV, SD, import_nodes, summary
from zerostate_monitoring.exceptions import ConfigurationError
from zerostate_monitoring.models.words import in_words

MOST_BYTES: Final = 5 * 1024 * 1024
MOST_LINES: Final = 100
ORIGIN: Final = "csv"


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did, or would do; ``errors`` name the lines that cannot be used."""

    done: bool
    summary: str = ""
    lines: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


class ImportForm(forms.Form):
    """A document, as a file or as text."""

    file = forms.FileField(label=gettext_lazy("File"), required=False)
    text = forms.CharField(
        label=gettext_lazy("or text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "cols": 80}),
    )
    document_format = forms.ChoiceField(
        label=gettext_lazy("Format"),
        choices=((CSV, "CSV"), (SD, gettext_lazy("Prometheus service discovery (JSON or YAML)"))),
    )
    origin = forms.CharField(
        label=gettext_lazy("Origin"),
        initial=ORIGIN,
        max_length=200,
        help_text=gettext_lazy(
            "Nodes of this origin that the document does not name are removed; others stay."
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Make one text of the file or the field."""
        cleaned = super().clean() or self.cleaned_data
        upload = cleaned.get("file")
        if upload is not None:
            cleaned["text"] = self._read(upload)
        elif not cleaned.get("text"):
            raise forms.ValidationError(_("Choose a file or enter a text."))
        return cleaned

    def _read(self, upload: Any) -> str:
        if (upload.size or 0) > MOST_BYTES:
            raise forms.ValidationError(_("The file has more than 5 MiB."))
        try:
            return str(upload.read(), "utf-8-sig")
        except UnicodeDecodeError as error:
            raise forms.ValidationError(_("The file is not UTF-8 text.")) from error

    def run(self, *, dry_run: bool) -> ImportResult:
        """Import what the valid form holds, or say what that would change."""
        data = self.cleaned_data
        try:
            changes = import_nodes(
                data["text"],
                document_format=data["document_format"],
                origin=data["origin"],
                dry_run=dry_run,
            )
        except ConfigurationError as error:
            return ImportResult(done=False, errors=tuple(map(in_words, str(error).splitlines())))
        lines = [
            *(_("add %s") % name for name in changes.added),
            *(_("change %s") % name for name in changes.changed),
            *(_("remove %s") % name for name in changes.removed),
            *(_("clear the secrets of %s: another address") % name for name in changes.cleared),
        ]
        return ImportResult(not dry_run, in_words(summary(changes)), tuple(lines[:MOST_LINES]))
