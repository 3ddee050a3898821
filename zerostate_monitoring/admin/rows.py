"""What the lists of rules and alerts have in common: what belongs to a page's rows, at once."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any, ClassVar, Final, Self, TypeVar

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property

from zerostate_monitoring.admin.base import OF_BOTH, ModelAdmin, without
from zerostate_monitoring.admin.glossary import terms

M = TypeVar("M", bound=Model)


class RowsChangeList(ChangeList):
    """A list that fetches what belongs to the rows on this page, all at once."""

    model_admin: RowsAdmin[Any]

    def get_filters(self, request: HttpRequest) -> Any:
        """Filters; an address that no database can look for is none."""
        if any("\x00" in text for text in request.GET.values()):
            raise IncorrectLookupParameters
        return super().get_filters(request)

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page's rows, then what belongs to them."""
        super().get_results(request)
        self.model_admin.prepare(list(self.result_list))


class HistoryPaginator(Paginator):  # type: ignore[type-arg]
    """Pages of rows that are never all read: the newest ``MOST`` of what was asked for."""

    MOST: Final = 10_000

    @cached_property
    def count(self) -> int:
        """How many there are, as far as pages go."""
        rows: Any = self.object_list
        found: int = rows.order_by()[: self.MOST].count()
        return found


class RowsAdmin(ModelAdmin[M]):
    """A ModelAdmin of which a copy answers each request, with what belongs to its rows.

    Django gives columns a row and nothing else, and shares one ModelAdmin among all threads.
    """

    list_per_page = 50
    show_full_result_count = False
    answered_request: HttpRequest | None = None
    explained: tuple[str, ...] = ()
    """Words of the glossary that these pages explain."""

    class Media:
        css: ClassVar[Any] = {"all": ["zerostate_monitoring/admin.css"]}

    def terms(self) -> list[tuple[Any, Any]]:
        """Words of ours on these pages, with what they mean."""
        return terms(self.explained)

    def prepare(self, rows: Sequence[M]) -> None:
        """Fetch what the list shows beside ``rows``; for the subclass to say."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """The list that prepares its rows."""
        return RowsChangeList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """The list, answered by a copy."""
        if self.answered_request is not request:
            return self.answering(request).changelist_view(request, extra_context)
        return super().changelist_view(request, extra_context)  # type: ignore[return-value]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The page of one row, answered by a copy."""
        if self.answered_request is not request:
            return self.answering(request).changeform_view(
                request, object_id, form_url, extra_context
            )
        return super().changeform_view(request, object_id, form_url, extra_context)

    def answering(self, request: HttpRequest) -> Self:
        """A copy that answers this request and no other."""
        one = copy(self)
        one.answered_request = request
        return one

    def url(self, name: str, *args: object) -> str:
        """The address of a page of this model: ``changelist``, ``change`` and so on."""
        meta = self.model._meta
        full = f"admin:{meta.app_label}_{meta.model_name}_{name}"
        return reverse(full, args=args, current_app=self.admin_site.name)

    def page(
        self, request: HttpRequest, template: str, title: object, context: dict[str, Any]
    ) -> TemplateResponse:
        """A page of its own, in the frame of the admin."""
        request.current_app = self.admin_site.name
        frame = {**self.admin_site.each_context(request), "title": title, "opts": self.model._meta}
        name = f"admin/zerostate_monitoring/{template}"
        return TemplateResponse(
            request, name, {**frame, "media": without(self.media, OF_BOTH), **context}
        )


class ReadOnlyAdmin(RowsAdmin[M]):
    """Rows that nobody writes by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds one."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Nobody changes one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        """Nobody deletes one."""
        return False
