"""Where people look: Jaeger, Loki and Grafana, where there are programs for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from example_project.stack.services import Service, Setting

# Where packages put what is not the program.
PACKAGED: Final = Path("/usr/share/grafana")


def looking(setting: Setting) -> Iterator[Service]:
    """Those of the three whose programs were found."""
    makers = {"jaeger": _jaeger, "loki": _loki, "grafana": _grafana}
    for name, make in makers.items():
        if name in setting.programs:
            yield make(setting)


def _jaeger(setting: Setting) -> Service:
    setting.home("jaeger")
    return Service(
        name="jaeger",
        purpose=f"traces; OTLP over HTTP on {setting.at('otlp')}",
        port=setting.ports["jaeger"],
        health="/",
        command=(setting.programs["jaeger"], "--config", _config(setting, "jaeger")),
    )


def _loki(setting: Setting) -> Service:
    setting.home("loki")
    return Service(
        name="loki",
        purpose="log lines",
        port=setting.ports["loki"],
        health="/ready",
        command=(setting.programs["loki"], f"-config.file={_config(setting, 'loki')}"),
    )


def _config(setting: Setting, name: str) -> str:
    return str(setting.options.config / name / "config.yaml")


def _grafana(setting: Setting) -> Service:
    options, program = setting.options, setting.programs["grafana"]
    home = Path(program).resolve().parent.parent
    if not (home / "conf" / "defaults.ini").exists():
        home = PACKAGED
    overview = options.config / "dashboards" / "zerostate-overview.json"
    told = {
        "PATHS_DATA": setting.home("grafana"),
        "PATHS_LOGS": f"{setting.home('grafana')}/logs",
        "PATHS_PLUGINS": f"{setting.home('grafana')}/plugins",
        "PATHS_PROVISIONING": str(options.config / "grafana" / "provisioning"),
        "SERVER_HTTP_ADDR": "127.0.0.1",
        "SERVER_HTTP_PORT": str(setting.ports["grafana"]),
        "SECURITY_ADMIN_USER": "admin",
        "SECURITY_ADMIN_PASSWORD__FILE": str(options.secrets / "grafana-admin-password"),
        "SECURITY_SECRET_KEY__FILE": str(options.secrets / "grafana-secret-key"),
        "SECURITY_DISABLE_GRAVATAR": "true",
        "USERS_ALLOW_SIGN_UP": "false",
        "ANALYTICS_REPORTING_ENABLED": "false",
        "ANALYTICS_CHECK_FOR_UPDATES": "false",
        "ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
        "PLUGINS_PREINSTALL_DISABLED": "true",
        "DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH": str(overview),
    }
    return Service(
        name="grafana",
        purpose="dashboards; user admin, password in secrets/grafana-admin-password",
        port=setting.ports["grafana"],
        health="/api/health",
        environment={f"GF_{name}": text for name, text in told.items()},
        command=(program, "server", "--homepath", str(home)),
    )
