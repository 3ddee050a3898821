"""The forms of import and export of rules."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zerostate_monitoring.alerting.rule_import import File, Report, take
from zerostate_monitoring.generators.rule_files import Form, read
from zerostate_monitoring.rules.files import Target

MOST_BYTES: Final = 2 * 1024 * 1024
TEXT: Final = "the text"


class ImportForm(forms.Form):
    """A rule file, as a file or as text."""

    file = forms.FileField(label=gettext_lazy("File"), required=False)
    text = forms.CharField(
        label=gettext_lazy("or text"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "cols": 100, "class": "vLargeTextField"}),
    )
    group_prefix = forms.CharField(
        label=gettext_lazy("Prefix of groups"),
        required=False,
        max_length=50,
        help_text=gettext_lazy(
            "What the names of its groups begin with here; for a group that is built in, or yours."
        ),
    )

    def clean(self) -> dict[str, Any]:
        """Make one text of the file or the field."""
        cleaned = super().clean() or self.cleaned_data
        upload = cleaned.get("file")
        cleaned["name"] = upload.name if upload is not None else TEXT
        if upload is not None:
            cleaned["text"] = _text_of(upload)
        elif not cleaned.get("text"):
            raise forms.ValidationError(_("Choose a file or enter a text."))
        return cleaned

    def run(self, *, check: bool, editor: Any) -> Report:
        """Take what the valid form holds, or with ``check`` say what that would change.

        Raises:
            RuleFileError: something cannot be taken, so nothing was.
        """
        data = self.cleaned_data
        file = File(data["name"], read(data["text"]))
        return take([file], prefix=data["group_prefix"], check=check, editor=editor)

    def again(self) -> ImportForm:
        """The same as text: a browser does not send a file twice by itself."""
        data = self.cleaned_data
        return ImportForm(initial={"text": data["text"], "group_prefix": data["group_prefix"]})


class ExportForm(forms.Form):
    """For whom a file is written."""

    target = forms.ChoiceField(
        label=gettext_lazy("For"),
        choices=(
            (Target.CURRENT.value, gettext_lazy("Prometheus 3 and later")),
            (Target.DEBIAN_12.value, gettext_lazy("Prometheus 2.42 (Debian 12)")),
        ),
    )
    form = forms.ChoiceField(
        label=gettext_lazy("As"),
        choices=(
            (Form.RULES.value, gettext_lazy("Rule file")),
            (Form.OBJECT.value, gettext_lazy("PrometheusRule object of Kubernetes")),
        ),
    )
    outside = forms.BooleanField(
        label=gettext_lazy("With the rules for a Prometheus outside"), required=False, initial=True
    )
    tests = forms.BooleanField(
        label=gettext_lazy("With the tests of the built-in rules, as a ZIP archive"),
        required=False,
        help_text=gettext_lazy("For promtool test rules. They test rule files, not objects."),
    )

    def clean(self) -> dict[str, Any]:
        """Tests name a rule file."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("tests") and cleaned.get("form") == Form.OBJECT:
            self.add_error("tests", _("promtool tests rule files only: choose that form."))
        return cleaned


def _text_of(upload: Any) -> str:
    if (upload.size or 0) > MOST_BYTES:
        raise forms.ValidationError(_("The file has more than 2 MiB."))
    try:
        return str(upload.read(), "utf-8-sig")
    except UnicodeDecodeError as error:
        raise forms.ValidationError(_("The file is not UTF-8 text.")) from error
