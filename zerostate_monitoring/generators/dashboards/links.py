"""Where panels lead: other dashboards, runbooks, admin, traces and log lines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from django.urls import NoReverseMatch, reverse

from zerostate_monitoring.generators.dashboards.values import Panel
from zerostate_monitoring.generators.options import ExportOptions

_TIMES: Final = "${__url_time_range}"
_RANGE: Final = {"from": "${__from}", "to": "${__to}"}


@dataclass(frozen=True, slots=True)
class Link:
    """What it is called, and where it leads."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Links:
    """Links of one export."""

    options: ExportOptions

    def of(self, panel: Panel, titles: dict[str, str]) -> tuple[Link, ...]:
        """All links of a panel: what explains it, what to do, what was going on."""
        found = [Link(titles[panel.to], f"/d/{panel.to}?{_TIMES}")] if panel.to else []
        found += [
            Link(f"Runbook: {name}", url)
            for name in panel.rules
            if (url := self._app("runbook", name))
        ]
        return (*found, *self.of_time(panel))

    def of_time(self, panel: Panel) -> tuple[Link, ...]:
        """Traces and log lines of the time that is shown."""
        if not panel.traces:
            return ()
        loki, jaeger = self.options.loki_uid, self.options.jaeger_uid
        errors = {"refId": "A", "expr": '{service=~".+", level=~"error|critical"}'}
        search = {"refId": "A", "queryType": "search", "tags": "error=true", "limit": 20}
        return (
            Link("Traces of this time", _explore(jaeger, "jaeger", search)),
            Link("Log lines of this time", _explore(loki, "loki", errors)),
        )

    def of_field(self, name: str) -> tuple[Link, ...]:
        """What a click on a cell of a table opens."""
        links: tuple[Link, ...] = ()
        match name:
            case "alert":
                one = self._at("admin:zerostate_monitoring_alert_change", "ALERT")
                links = (Link("Alert in admin", one.replace("ALERT", "${__value.raw}")),)
            case "alertname":
                runbook = self._app("runbook", "NAME").replace("NAME", "${__value.raw}")
                links = (Link("Alert in admin", self._admin("alert")), Link("Runbook", runbook))
            case "node":
                lines = {"refId": "A", "expr": '{service=~".+"} |= `${__value.raw}`'}
                links = (
                    Link("Node in admin", self._admin("node")),
                    Link("Log lines that name it", _explore(self.options.loki_uid, "loki", lines)),
                )
        return tuple(link for link in links if link.url)

    def of_dashboard(self) -> tuple[Link, ...]:
        """What stands at the head of every dashboard."""
        found = (
            Link("Admin", self._at("admin:app_list", "zerostate_monitoring")),
            Link("Runbooks", self._app("runbooks")),
        )
        return tuple(link for link in found if link.url)

    def _admin(self, model: str) -> str:
        url = self._at(f"admin:zerostate_monitoring_{model}_changelist")
        return f"{url}?q=${{__value.raw}}" if url else ""

    def _app(self, view: str, *arguments: str) -> str:
        return self._at(f"zerostate_monitoring:{view}", *arguments)

    def _at(self, view: str, *arguments: str) -> str:
        """A whole address; empty where the project is not reached from Grafana."""
        base = self.options.base_url.rstrip("/")
        if not base:
            return ""
        try:
            return base + reverse(view, args=arguments)
        except NoReverseMatch:
            # The project has not mounted it.
            return ""


def _explore(uid: str, kind: str, query: dict[str, Any]) -> str:
    source = {"type": kind, "uid": uid}
    pane = {"datasource": uid, "queries": [{**query, "datasource": source}], "range": _RANGE}
    panes = quote(json.dumps({"a": pane}, separators=(",", ":")), safe="${}:,")
    return f"/explore?schemaVersion=1&orgId=1&panes={panes}"
