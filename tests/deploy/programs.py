"""The programs of ``requirements-deploy.lock``, where ``make check-deploy`` has put them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.files import KUBERNETES
from tests.packages import ROOT

SECONDS = 120


class Loader(yaml.SafeLoader):
    """For what kustomize writes: a lone ``=`` is a text, as it is for Kubernetes."""


def _text(loader: Any, node: Any) -> str:
    return str(loader.construct_scalar(node))


yaml.add_constructor("tag:yaml.org,2002:value", _text, Loader)


def documents(text: str) -> list[dict[str, Any]]:
    """The objects of a text."""
    return list(yaml.load_all(text, Loader))


def run(name: str, *arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run a program to its end; it must have been installed, and needs no network."""
    directory = os.environ.get("DEPLOY_PROGRAMS", "")
    assert directory, "These tests are run by `make check-deploy`, which installs the programs."
    return subprocess.run(
        [Path(directory) / name, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def passed(name: str, *arguments: str | Path, cwd: Path = ROOT) -> str:
    """What a program prints that must succeed."""
    done = run(name, *arguments, cwd=cwd)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@cache
def built(overlay: str) -> str:
    """What kustomize makes of an overlay."""
    return passed("kubectl", "kustomize", KUBERNETES / "overlays" / overlay)


@cache
def objects(overlay: str) -> Sequence[dict[str, Any]]:
    """The objects of an overlay."""
    return documents(built(overlay))


def of_kind(overlay: str, *kinds: str) -> dict[str, dict[str, Any]]:
    """Objects of these kinds by their names."""
    return {o["metadata"]["name"]: o for o in objects(overlay) if o["kind"] in kinds}


def pods(overlay: str) -> dict[str, dict[str, Any]]:
    """Specs of pods by the name of what makes them."""
    found = of_kind(overlay, "Deployment", "StatefulSet", "Job")
    return {name: each["spec"]["template"]["spec"] for name, each in found.items()}


def containers(overlay: str) -> list[tuple[str, dict[str, Any]]]:
    """Every container of every pod, with the pod's name."""
    return [
        (name, container)
        for name, pod in pods(overlay).items()
        for container in (*pod["containers"], *pod.get("initContainers", []))
    ]
