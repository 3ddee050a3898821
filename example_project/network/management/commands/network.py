"""``manage.py network``: a small ZeroState network, and the switches that break it."""

from __future__ import annotations

import signal
import threading
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from example_project.demo import control
from example_project.environment import data_directory
from example_project.network.beginning import collect_now
from example_project.network.faults import BY_NAME, FAULTS, Acts, Fault
from example_project.network.nodes.profiles import Profile
from example_project.network.runner import Runner
from example_project.network.simulation.config import Config
from example_project.network.switches import switches
from example_project.network.tables import ForeignTablesError
from example_project.network.visitor import place_orders, visit
from zerostate_monitoring.conf import conf


class Command(BaseCommand):
    help = "Run a small living ZeroState network, break it and mend it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        self._add_run(actions.add_parser("run", help="let the network live until Ctrl-C"))
        broken = actions.add_parser("break", help="switch faults on")
        broken.add_argument("names", metavar="NAME", nargs="+", help="see: network list")
        mend = actions.add_parser("mend", help="switch faults off")
        mend.add_argument("names", metavar="NAME", nargs="*", help="the faults")
        mend.add_argument("--all", action="store_true", help="every fault")
        actions.add_parser("status", help="which faults are on")
        actions.add_parser("list", help="all faults, and what an operator sees of each")

    def _add_run(self, parser: ArgumentParser) -> None:
        default = Config()
        parser.add_argument("--profile", choices=list(Profile), default=Profile.FULL.value)
        parser.add_argument("--nodes", type=int, default=default.nodes, help="how many nodes")
        parser.add_argument("--agents", type=int, default=default.agents, help="how many agents")
        parser.add_argument("--users", type=int, default=default.users, help="how many users")
        parser.add_argument("--seed", type=int, default=default.seed, help="of all randomness")
        parser.add_argument("--speed", type=float, default=1.0, help="how often things happen")
        parser.add_argument("--steps", type=int, help="end after so many seconds")
        parser.add_argument("--port", type=int, default=0, help="of the first node; 0: any")
        parser.add_argument(
            "--known-as", metavar="HOST", default="", help="let other hosts reach them, so called"
        )
        parser.add_argument("--collect", action="store_true", help="have it collected at once")
        parser.add_argument("--visit", metavar="URL", help="call the example's view there")
        parser.add_argument(
            "--order", metavar="URL", help="place orders there, where traces are recorded"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        action = options["action"]
        getattr(self, f"_do_{action}")(options)

    # -- run -----------------------------------------------------------------

    def _do_run(self, options: dict[str, Any]) -> None:
        names = ("profile", "nodes", "agents", "users", "seed", "speed")
        try:
            config = Config(**{name: options[name] for name in names})
        except ValueError as error:
            raise CommandError(str(error)) from error
        data_directory().mkdir(parents=True, exist_ok=True)
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        # Whole seconds add up without rounding: runs that begin at other times are alike, too.
        runner = Runner(config, switches(), float(int(time.time())), options["known_as"])
        try:
            runner.start(options["port"])
            self._say_what_runs(runner)
            if options["collect"]:
                collect_now()
            if options["visit"]:
                visit(options["visit"], stop)
            if options["order"] and conf.TRACING:
                place_orders(options["order"], stop)
            runner.run(stop, options["steps"], time.time)
        except (ForeignTablesError, OSError) as error:
            raise CommandError(str(error)) from error
        finally:
            runner.close()

    def _say_what_runs(self, runner: Runner) -> None:
        for node in runner.network.world.nodes:
            self.stdout.write(f"{node.name:12} {runner.server.url(node.name)}/metrics")
        if broken := sorted(switches().broken()):
            self.stdout.write(f"Still broken: {', '.join(broken)}. See: network mend --all")
        self.stdout.flush()

    # -- switches ------------------------------------------------------------

    def _do_break(self, options: dict[str, Any]) -> None:
        faults = [_fault(name) for name in dict.fromkeys(options["names"])]
        # Those that may be refused come first: then nothing is broken by half.
        for fault in sorted(faults, key=lambda one: one.acts is not Acts.DEMO):
            if fault.acts is Acts.DEMO:
                _control(control.halt, fault.name)
            switches().set(fault.name, timezone.now())
            self.stdout.write(f"Broken: {fault.name}. {fault.sees}")

    def _do_mend(self, options: dict[str, Any]) -> None:
        on = switches().broken()
        if not options["all"] and not options["names"]:
            raise CommandError(f"Name a fault or write --all. On: {', '.join(sorted(on)) or '-'}")
        asked = [_fault(name).name for name in dict.fromkeys(options["names"])]
        names: Sequence[str] = sorted(on) if options["all"] else asked
        for name in names:
            if _fault(name).acts is Acts.DEMO and control.is_running():
                _control(control.resume, name)
            switches().clear(name)
            self.stdout.write(f"Mended: {name}.")
        if not names:
            self.stdout.write("Nothing is broken.")

    def _do_status(self, options: dict[str, Any]) -> None:
        del options
        since = switches().since()
        for name, at in sorted(since.items()):
            self.stdout.write(f"{name:14} since {at}  {_fault(name).sees}")
        if not since:
            self.stdout.write("Nothing is broken.")

    def _do_list(self, options: dict[str, Any]) -> None:
        del options
        for fault in FAULTS:
            remark = " (needs a running demo)" if fault.acts is Acts.DEMO else ""
            self.stdout.write(f"{fault.name:14} {fault.sees}{remark}")


def _fault(name: str) -> Fault:
    if name not in BY_NAME:
        raise CommandError(f"There is no fault {name!r}. See: network list")
    return BY_NAME[name]


def _control(action: Any, name: str) -> None:
    try:
        action(name)
    except control.DemoError as error:
        raise CommandError(str(error)) from error
