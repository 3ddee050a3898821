"""``python -m example_project.stack.prepare``: databases, tables, a user for the admin, files."""

from __future__ import annotations

import os

import django
from django.core.management import call_command

from example_project.stack import configuration, postgresql, programs
from example_project.stack.options import read
from example_project.stack.ports import FILE, remembered

USER = "admin"


def let_in(password: str) -> None:
    """Let ``admin`` log in with ``password``."""
    # Models exist only after setup().
    from django.contrib.auth.models import User  # noqa: PLC0415 - see above

    user, _ = User.objects.get_or_create(username=USER, defaults={"email": "admin@example.org"})
    user.is_staff = user.is_superuser = True
    user.set_password(password)
    user.save()


def main() -> None:
    """All that must stand before the first process of the project starts."""
    options = read()
    ports = remembered(options.data / FILE)
    binaries = postgresql.binaries(programs.find().paths["postgresql"])
    postgresql.create_databases(binaries, ports["postgresql"], options.secrets)
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    let_in((options.secrets / "admin-password").read_text())
    configuration.write(options, ports)
    (options.data / "switches.json").unlink(missing_ok=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.stack.settings")
    main()
