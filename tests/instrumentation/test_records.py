"""Record functions: every family that instruments can feed is fed, and each once."""

from __future__ import annotations

import asyncio
import inspect
import math

import pytest

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Feed, Layer
from zerostate_monitoring.instrumentation import economic, execution, p2p
from zerostate_monitoring.instrumentation.families import Cells
from zerostate_monitoring.instrumentation.operations import Operation
from zerostate_monitoring.instrumentation.registry import REGISTRY

ROOMS = {"p2p": p2p, "execution": execution, "economic": economic}
WORDS = {"operation": "x", "kind": "x", "protocol": "x", "reason": "x"}
VALUES = {int: 1, float: 1.0, str: "x", bool: True}


def functions(room):
    """The public functions of a room."""
    names = getattr(room, "__all__", None) or [n for n in vars(room) if not n.startswith("_")]
    found = {n: vars(room)[n] for n in names if inspect.isfunction(vars(room)[n])}
    return {n: f for n, f in found.items() if f.__module__.startswith(room.__name__)}


def modules(room):
    """The modules of a room; one that is a module is its own."""
    return [room, *(m for m in vars(room).values() if inspect.ismodule(m))]


def call(function):
    """Call a record function with a value of the right type for each parameter."""
    given = {}
    positional = []
    for parameter in inspect.signature(function, eval_str=True).parameters.values():
        kinds = [k for k in (int, float, str, bool) if k.__name__ in str(parameter.annotation)]
        value = 0.5 if kinds[0] is float else VALUES[kinds[0]]
        if parameter.kind is parameter.KEYWORD_ONLY:
            given[parameter.name] = value
        else:
            positional.append(value)
    made = function(*positional, **given)
    if isinstance(made, Operation):
        with made:
            pass
        with pytest.raises(RuntimeError), function(*positional, **given):
            raise RuntimeError


def samples():
    """All series of this app's instruments that are not 0."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in REGISTRY.collect()
        for sample in family.samples
        if sample.value and not sample.name.endswith("_created")
    }


def value(name, **labels):
    return samples().get((name, tuple(sorted(labels.items()))), 0)


@pytest.mark.parametrize(("layer", "least"), [("p2p", 31), ("execution", 25), ("economic", 18)])
def test_functions__are_as_many_as_things_happen(layer, least):
    """No fewer than the original had, and each has a docstring."""
    found = functions(ROOMS[layer])
    assert len(found) >= least
    assert [name for name, function in found.items() if not function.__doc__] == []


@pytest.mark.parametrize("layer", list(ROOMS))
def test_families__each_is_recorded_by_some_function(layer):
    """Every family of a layer that instruments can feed is used by its module."""
    held = [value for module in modules(ROOMS[layer]) for value in vars(module).values()]
    used = {cells.name for cells in held if isinstance(cells, Cells)}
    wanted = {d.name for d in CATALOGUE if d.layer is Layer(layer) and Feed.INSTRUMENT in d.feeds}
    assert used == wanted


@pytest.mark.parametrize(
    ("room", "name"), [(r, n) for r, room in ROOMS.items() for n in functions(room)]
)
def test_function__can_be_called_as_it_is_typed(room, name):
    """A function takes what its annotations say and raises nothing."""
    call(functions(ROOMS[room])[name])


@pytest.mark.parametrize("amount", [-1, math.nan, math.inf])
def test_amounts__that_are_none_are_refused_by_name(amount):
    """A bad amount is the caller's mistake: told by name, and nothing is counted."""
    with pytest.raises(ValueError, match="amount"):
        economic.payment_made(amount, 1)
    with pytest.raises(ValueError, match="size_bytes"):
        p2p.message_sent("gossip", "gossip", amount)
    assert samples() == {}


def test_failed_payment__is_counted_once_and_has_no_amount():
    """What the original counted twice, and put into the amounts."""
    with pytest.raises(LookupError), economic.payment(5):
        raise LookupError
    assert value("zerostate_economic_payments_total", status="failed") == 1
    assert value("zerostate_economic_payment_failures_total", error_type="error") == 1
    assert value("zerostate_economic_payment_amount_count") == 0
    assert value("zerostate_economic_payment_duration_seconds_count") == 1


def test_payment__that_fails_without_an_exception():
    """``fail`` says why."""
    with economic.payment(5) as payment:
        payment.fail("insufficient_funds")
    labels = {"error_type": "insufficient_funds"}
    assert value("zerostate_economic_payment_failures_total", **labels) == 1


@pytest.mark.parametrize(("code", "label"), [(0, "0"), (137, "137"), (-1, "-1")])
def test_exit_code__is_a_decimal(code, label):
    """What the original turned into other characters."""
    with execution.wasm_execution() as run:
        run.exit_code = code
    assert value("zerostate_wasm_exit_codes_total", code=label) == 1
    status = "failed" if code else "success"
    assert value("zerostate_wasm_executions_total", status=status) == 1


def test_task__is_active_meanwhile():
    """The level goes back down, however the task ends."""
    with execution.task("compute"):
        assert value("zerostate_tasks_active", type="compute") == 1
    with pytest.raises(KeyError), execution.task("compute"):
        raise KeyError
    assert value("zerostate_tasks_active", type="compute") == 0
    assert value("zerostate_tasks_total", status="completed") == 1
    assert value("zerostate_tasks_total", status="failed") == 1


def test_operation__decorates_functions_and_coroutines():
    """Each call is an operation of its own, and gives what the function gives."""

    @p2p.dht_lookup("resolve")
    def sync(number):
        return number + 1

    @p2p.dht_lookup("resolve")
    async def later(number):
        await asyncio.sleep(0)
        return number + 1

    assert sync(1) == 2
    assert asyncio.run(later(2)) == 3
    labels = {"operation": "resolve", "status": "success"}
    assert value("zerostate_dht_lookups_total", **labels) == 2


def test_timeout__is_a_word():
    """Errors become bounded words, never their text."""
    with pytest.raises(TimeoutError), execution.wasm_execution():
        raise TimeoutError("after 30 s at 10.1.2.3")
    assert value("zerostate_timeout_errors_total", type="execution") == 1


def test_channel__that_ends_takes_its_series_along():
    """What has an id of its own does not stay."""
    economic.channel_balance("c1", party_a=1, party_b=2)
    economic.payment_sequence(4, "c1")
    economic.channel_closed("c1", 60)
    assert [s for s in samples() if ("channel_id", "c1") in s[1]] == []


def test_series__beyond_the_cap_are_not_kept_in_the_process():
    """A stranger's peer ids do not fill the memory, in the instrument or beside it."""
    for number in range(3000):
        p2p.connection_opened(f"peer-{number}")
    assert value("zerostate_p2p_connections_total", peer_id="other") == 2000
    assert len(p2p.links._connections) <= 1001
