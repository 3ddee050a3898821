"""Record functions: every family that instruments can feed is fed, and each once."""

from __future__ import annotations

import asyncio
import enum
import functools
import inspect
import math
import re
import uuid
from decimal import Decimal
from fractions import Fraction

import pytest

from zerostate_monitoring.catalogue import CATALOGUE
from zerostate_monitoring.catalogue.definition import Feed, Layer
from zerostate_monitoring.instrumentation import economic, execution, p2p
from zerostate_monitoring.instrumentation.families import Cells
from zerostate_monitoring.instrumentation.operations import LONGEST_WORD, Operation
from zerostate_monitoring.instrumentation.registry import REGISTRY

ROOMS = {"p2p": p2p, "execution": execution, "economic": economic}
WORDS = {"operation": "x", "kind": "x", "protocol": "x", "reason": "x"}
VALUES = {int: 1, float: 0.5, str: "x", bool: True}


def functions(room):
    """The public functions of a room."""
    names = getattr(room, "__all__", None) or [n for n in vars(room) if not n.startswith("_")]
    found = {n: vars(room)[n] for n in names if inspect.isfunction(vars(room)[n])}
    return {n: f for n, f in found.items() if f.__module__.startswith(room.__name__)}


def modules(room):
    """The modules of a room; one that is a module is its own."""
    return [room, *(m for m in vars(room).values() if inspect.ismodule(m))]


def parameters(function):
    """What a record function takes: the types of each parameter, as words, by its name."""
    found = inspect.signature(function, eval_str=True).parameters
    return {name: re.findall(r"\w+", str(found[name].annotation)) for name in found}


def arguments(function, **other):
    """A value of the right type for each parameter, but for those that are given."""
    given = {}
    for name, kinds in parameters(function).items():
        kind = next(k for k in (str, int, float, bool) if k.__name__ in kinds)
        given[name] = other.get(name, VALUES[kind])
    return given


def call(function, **other):
    """Call a record function with such values; an operation ends well, and then badly."""
    given = arguments(function, **other)
    made = function(**given)
    if isinstance(made, Operation):
        with made:
            pass
        with pytest.raises(RuntimeError), function(**given):
            raise RuntimeError


EVERY = [function for room in ROOMS.values() for function in functions(room).values()]


class Color(str, enum.Enum):  # noqa: UP042 - this is what many projects have
    RED = "red"


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


def badly(call_it, name):
    """It raises an error that names ``name``, and leaves nothing counted and no half."""
    with pytest.raises((TypeError, ValueError), match=f"^{name} "):
        call_it()
    assert samples() == {}


@pytest.mark.parametrize(
    "bad", [math.nan, -math.inf, 10**400, "5", b"5", object(), Decimal("sNaN")]
)
def test_function__counts_nothing_where_one_amount_is_bad(bad):
    """All amounts are checked before the first is counted, and the error names the bad one."""
    for function in EVERY:
        for name, kinds in parameters(function).items():
            if {"int", "float"} & set(kinds) and "str" not in kinds:
                badly(functools.partial(call, function, **{name: bad}), name)


def test_function__counts_nothing_where_a_word_is_missing():
    """None is no label: told by the parameter's name."""
    for function in EVERY:
        for name, kinds in parameters(function).items():
            # An id that is not given is no label.
            if "str" in kinds and "None" not in kinds:
                badly(functools.partial(call, function, **{name: None}), name)


@pytest.mark.parametrize("amount", [Decimal("2.5"), Fraction(5, 2)])
def test_amounts__may_be_any_real_number(amount):
    """Databases give decimals for money."""
    economic.deposited(amount)
    execution.cost_charged(amount, "compute", estimated=Decimal(3))
    with economic.payment(amount):
        pass
    assert value("zerostate_deposit_amount_total") == 2.5
    assert value("zerostate_task_cost_savings_units_sum") == 0.5
    assert value("zerostate_economic_payment_amount_sum") == 2.5


@pytest.mark.parametrize("key", [7, uuid.uuid4(), Color.RED])
def test_ids__are_the_same_however_they_are_held(key):
    """A number, a UUID or an enum's member records into the series of its text, and ends it."""
    text = key.value if isinstance(key, enum.Enum) else str(key)
    for held in (key, text, key):
        for function in EVERY:
            for name in {"peer_id", "channel_id", "guild_id"} & parameters(function).keys():
                if not function.__name__.endswith(("_gone", "_closed", "_ended")):
                    call(function, **{name: held})
    assert value("zerostate_p2p_connections_total", peer_id=text) == 3
    assert {v for _, labels in samples() for n, v in labels if n.endswith("_id")} == {text}
    p2p.peer_gone(key)
    economic.peer_gone(key)
    economic.channel_closed(key, 1)
    execution.guild_ended(key, "expired", 1)
    assert {s for s in samples() if any(n.endswith("_id") for n, _ in s[1])} == set()
    p2p.connection_opened(key)
    assert value("zerostate_p2p_connections_total", peer_id=text) == 1


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


def test_label__of_a_megabyte_is_cut_and_still_its_own():
    """Two enormous ids are two series, each ends by its whole id, and the page stays small."""
    for last in "ab":
        economic.channel_balance("x" * 1024 * 1024 + last, party_a=1, party_b=2)

    def channels():
        found = REGISTRY.collect()
        return {
            sample.labels["channel_id"]
            for family in found
            for sample in family.samples
            if sample.name == "zerostate_economic_channel_balance"
        }

    assert len(channels()) == 2
    assert {len(name) for name in channels()} == {LONGEST_WORD}
    economic.channel_closed("x" * 1024 * 1024 + "a", 1)
    assert len(channels()) == 1
