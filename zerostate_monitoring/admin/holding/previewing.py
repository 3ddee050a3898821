"""Forms that show what they do before they do it: the first time they are sent, and when changed.

The page comes back with its fields, what they hit now, and whatever must be confirmed. Sent again
unchanged, it is saved. All of it works without scripts: a hidden field says what was looked at.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar, cast

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from zerostate_monitoring.admin.base import LiveAdmin
from zerostate_monitoring.admin.holding.generic import AnyForm
from zerostate_monitoring.admin.holding.showing import part_of, span_lines
from zerostate_monitoring.admin.seen import SeenForm
from zerostate_monitoring.alerting.suppression.hits import Hits, live_alerts
from zerostate_monitoring.models import Alert
from zerostate_monitoring.rules.windows import Span

M = TypeVar("M", bound=Model)

_ALERTS: Final = "_zerostate_live_alerts"
_OWN: Final = frozenset({"previewed", "confirmed", "csrfmiddlewaretoken"})


@dataclass(frozen=True, slots=True)
class Preview:
    """What a row would do if it were saved."""

    hits: Hits
    sources: Hits | None = None
    """Of an inhibition: what holds back."""
    spans: Sequence[Span] = field(default=())
    """Of a window: when it comes next."""
    zone: Any = None
    concerns: Sequence[str] = field(default=())
    """What must be confirmed."""

    def shown(self) -> Mapping[str, Any]:
        """All of it as a template shows it."""
        parts = [part_of(self.hits, _("Held back now:") if self.sources else "")]
        if self.sources:
            parts.insert(0, part_of(self.sources, _("These hold back now:")))
        spans = [span_lines(span, self.zone) for span in self.spans]
        return {"parts": parts, "spans": spans, "zone": self.zone, "concerns": self.concerns}


def fit_rows(field: forms.Field, text: Any) -> None:
    """Give a field for many lines as many as it has, within reason."""
    lines = str(text or "").count("\n") + 2
    field.widget.attrs["rows"] = max(int(field.widget.attrs.get("rows", 3)), min(lines, 14))


class PreviewedForm(SeenForm, AnyForm):
    """A form that is saved when what it does has been looked at."""

    previewed = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    confirmed = forms.BooleanField(required=False)
    preview: Preview | None = None
    """What is shown; set where the form waits for its second sending."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("matchers", "source_matchers", "target_matchers"):
            if name in self.fields:
                fit_rows(self.fields[name], self[name].value())

    def look(self) -> Preview:
        """What the row as it was entered would do; for the subclass to say."""
        raise NotImplementedError

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        self.refuse_overtaken()
        if not self.errors:
            self._show_first()

    def _show_first(self) -> None:
        """Wait for the second sending, unless this is it, with all concerns confirmed."""
        preview = self.look()
        was_seen = self.cleaned_data.get("previewed") == self.fingerprint
        if was_seen and (not preview.concerns or self.cleaned_data.get("confirmed")):
            return
        self.preview = preview
        said = _("Nothing is saved yet.")
        self.add_error(None, ValidationError(said, code="preview"))

    @property
    def fingerprint(self) -> str:
        """What was sent, in short."""
        data = cast("QueryDict", self.data)
        names = [name for name in sorted(data) if name not in _OWN and not name.startswith("_")]
        sent = [(name, data.getlist(name)) for name in names]
        return hashlib.sha256(json.dumps(sent).encode()).hexdigest()

    def _update_errors(self, errors: ValidationError) -> None:
        """Errors of fields that cannot be changed here stand above the form."""
        found = getattr(errors, "error_dict", None)
        if found is not None:
            for name in [name for name in found if name not in {*self.fields, NON_FIELD_ERRORS}]:
                found.setdefault(NON_FIELD_ERRORS, []).extend(found.pop(name))
        super()._update_errors(errors)  # type: ignore[misc]


class PreviewedAdmin(LiveAdmin[M]):
    """Lists and forms of what holds alerts back."""

    change_list_template = "admin/change_list.html"
    change_form_template = "admin/zerostate_monitoring/holding/change_form.html"

    @property
    def live_alerts(self) -> Sequence[Alert]:
        """What is pending or fires, read once per request."""
        request = self.answered_request
        if request is None:
            return live_alerts()
        found: Sequence[Alert] | None = getattr(request, _ALERTS, None)
        if found is None:
            found = live_alerts()
            setattr(request, _ALERTS, found)
        return found

    def faults_of(self, obj: Any) -> Sequence[str]:
        """Why the row as it stands does not do what it should."""
        return obj.faults()  # type: ignore[no-any-return]

    def notes(self, obj: Any) -> Sequence[str]:
        """What else is said above the form; for the subclass to say."""
        return ()

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        form_url: str = "",
        obj: M | None = None,
    ) -> HttpResponse:
        """The form; what waits to be looked at is no error."""
        form = context["adminform"].form
        preview: Preview | None = getattr(form, "preview", None)
        if preview is not None:
            context.update(preview=preview.shown(), errors=[])
        if obj is not None and request.method == "GET":
            context.update(broken=self.faults_of(obj), notes=self.notes(obj))
        return super().render_change_form(request, context, add, change, form_url, obj)
