"""``python -m example_project.demo.prepare``: tables, a user for the admin, whom to tell."""

from __future__ import annotations

import os

import django
from django.core.management import call_command

from example_project.environment import data_directory

USER = "admin"


def prepare(password: str) -> None:
    """Migrate, let ``admin`` log in with ``password``, route alerts, take back every fault."""
    # Models exist only after setup(), which needs the settings that the caller chose.
    from django.contrib.auth.models import User  # noqa: PLC0415 - see above

    from example_project.demo.receivers import route_to_mailbox  # noqa: PLC0415 - see above

    data_directory().mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0, interactive=False)
    user, _ = User.objects.get_or_create(username=USER, defaults={"email": "admin@example.org"})
    user.is_staff = user.is_superuser = True
    user.set_password(password)
    user.save()
    route_to_mailbox()
    (data_directory() / "switches.json").unlink(missing_ok=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings")
    django.setup()
    prepare(os.environ["DEMO_PASSWORD"])
