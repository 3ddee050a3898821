"""WASM modules in the sandbox, and what goes with their runs: manifests and receipts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from zerostate_monitoring.instrumentation.execution.tasks import (
    execution_error,
    timeout_error,
    validation_error,
)
from zerostate_monitoring.instrumentation.families import counts, distributions, levels
from zerostate_monitoring.instrumentation.operations import (
    Id,
    Operation,
    Step,
    checked,
    finite,
    known,
    said,
    word,
)
from zerostate_monitoring.tracing import Attribute, names

_wasm: Final = counts("zerostate_wasm_executions_total")
_wasm_seconds: Final = distributions("zerostate_wasm_execution_duration_seconds")
_wasm_memory: Final = distributions("zerostate_wasm_memory_bytes")
_exit_codes: Final = counts("zerostate_wasm_exit_codes_total")
_validation_seconds: Final = distributions("zerostate_wasm_validation_duration_seconds")
_cpu_seconds: Final = distributions("zerostate_execution_cpu_seconds")
_memory: Final = distributions("zerostate_execution_memory_allocated_bytes")
_storage: Final = levels("zerostate_execution_storage_used_bytes")
_manifests: Final = counts("zerostate_manifests_created_total")
_manifests_checked: Final = counts("zerostate_manifest_validation_total")
_manifest_size: Final = distributions("zerostate_manifest_size_bytes")
_receipts: Final = counts("zerostate_receipts_generated_total")
_signed: Final = counts("zerostate_receipts_signed_total")
_verified: Final = counts("zerostate_receipts_verified_total")
_receipt_size: Final = distributions("zerostate_receipt_size_bytes")


_NEAR: Final = 0.8
"""Beyond this share of a limit a run has come near it."""


def _verdict(*, ok: bool) -> str:
    return "success" if ok else "failed"


# -- WASM ------------------------------------------------------------------------


def wasm_executed(
    seconds: float,
    *,
    ok: bool = True,
    exit_code: int | None = None,
    memory_bytes: float | None = None,
) -> None:
    """A module ran; exit code and memory where they are known."""
    took = checked("seconds", seconds)
    code = None if exit_code is None else str(int(finite("exit_code", exit_code)))
    if memory_bytes is not None:
        _wasm_memory[()](checked("memory_bytes", memory_bytes))
    _wasm_seconds[()](took)
    _wasm[_verdict(ok=ok)](1)
    if code is not None:
        _exit_codes[code](1)


class WasmExecution(Operation):
    """One run of a module in the sandbox."""

    span_name = names.WASM_EXECUTE
    exit_code: int | None = None
    memory_bytes: float | None = None

    def __init__(
        self,
        *,
        task_id: Id | None = None,
        function: str | None = None,
        max_memory_bytes: float | None = None,
        timeout_seconds: float | None = None,
    ) -> None:
        self._task_id, self._function = task_id, function
        self._max_memory = known("max_memory_bytes", max_memory_bytes)
        self._timeout = known("timeout_seconds", timeout_seconds)

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        return said(
            {
                names.TASK_ID: self._task_id,
                names.WASM_FUNCTION: self._function,
                names.WASM_MAX_MEMORY: self._max_memory,
                names.WASM_TIMEOUT: self._timeout,
            }
        )

    @property
    def outcome(self) -> Mapping[str, Attribute]:
        self._warn()
        return said({names.WASM_EXIT_CODE: self.exit_code, names.WASM_MEMORY: self.memory_bytes})

    def _warn(self) -> None:
        """Say on the span what came near its limit."""
        if self._max_memory and (self.memory_bytes or 0) > _NEAR * self._max_memory:
            self._span.add_event(names.HIGH_MEMORY_USAGE)
        if self._timeout and self.seconds > _NEAR * self._timeout:
            self._span.add_event(names.APPROACHING_TIMEOUT)

    def record(self) -> None:
        self.ok = ok = self.ok and not self.exit_code
        wasm_executed(self.seconds, ok=ok, exit_code=self.exit_code, memory_bytes=self.memory_bytes)
        if self.reason == "timeout":
            timeout_error()
        elif self.reason:
            execution_error("wasm", self.reason)


def wasm_execution(
    *,
    task_id: Id | None = None,
    function: str | None = None,
    max_memory_bytes: float | None = None,
    timeout_seconds: float | None = None,
) -> WasmExecution:
    """Time a run; set ``exit_code`` and ``memory_bytes`` where they are known.

    An exit code other than 0 is a failure. Beyond 80 % of a limit its span says so.
    """
    return WasmExecution(
        task_id=task_id,
        function=function,
        max_memory_bytes=max_memory_bytes,
        timeout_seconds=timeout_seconds,
    )


class WasmValidation(Operation):
    """The check of a module before its run."""

    span_name = names.WASM_VALIDATE

    def __init__(self, module_size_bytes: float | None = None) -> None:
        self._module_size = known("module_size_bytes", module_size_bytes)

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        return said({names.WASM_MODULE_SIZE: self._module_size})

    def record(self) -> None:
        _validation_seconds[()](self.seconds)
        if not self.ok:
            validation_error("wasm", self.reason or "invalid_module")


def wasm_validation(*, module_size_bytes: float | None = None) -> WasmValidation:
    """Time the check of a module; what it refuses is counted."""
    return WasmValidation(module_size_bytes)


def wasm_compilation(*, module_size_bytes: float | None = None) -> Step:
    """Follow the compilation of a module; a failure counts as an error of ``wasm``."""
    size = known("module_size_bytes", module_size_bytes)
    return Step(names.WASM_COMPILE, {names.WASM_MODULE_SIZE: size}, _wasm_failed)


def wasm_instantiation(*, max_memory_bytes: float | None = None) -> Step:
    """Follow a module until it could run; a failure counts as an error of ``wasm``."""
    most = known("max_memory_bytes", max_memory_bytes)
    return Step(names.WASM_INSTANTIATE, {names.WASM_MAX_MEMORY: most}, _wasm_failed)


def wasm_metering(*, task_id: Id | None = None) -> Step:
    """Follow the account of what a run has used."""
    return Step(names.WASM_METER, {names.TASK_ID: task_id}, _wasm_failed)


def resource_measurement(*, task_id: Id | None = None) -> Step:
    """Follow the measuring of processor time and memory."""
    return Step(names.RESOURCES_MEASURE, {names.TASK_ID: task_id}, _wasm_failed)


def _wasm_failed(reason: str) -> None:
    execution_error("wasm", reason)


def cpu_used(seconds: float, part: str = "wasm") -> None:
    """A run took so much processor time."""
    _cpu_seconds[word("part", part)](checked("seconds", seconds))


def memory_allocated(count: float, part: str = "wasm") -> None:
    """So many bytes were set aside for a run."""
    _memory[word("part", part)](checked("count", count))


def storage_used(count: float, part: str = "receipts") -> None:
    """Results occupy so many bytes."""
    _storage[word("part", part)](checked("count", count))


# -- manifests and receipts ------------------------------------------------------


def manifest_created(kind: str = "task", size_bytes: float | None = None) -> None:
    """A manifest was written."""
    name = word("kind", kind)
    if size_bytes is not None:
        _manifest_size[()](checked("size_bytes", size_bytes))
    _manifests[name](1)


def manifest_validated(*, ok: bool, reason: str = "") -> None:
    """A manifest was checked; why it was refused."""
    why = word("reason", reason)
    _manifests_checked[_verdict(ok=ok)](1)
    if not ok and why:
        validation_error("manifest", why)


class ManifestValidation(Operation):
    """The check of a manifest."""

    span_name = names.MANIFEST_VALIDATE

    def __init__(self, task_id: Id | None) -> None:
        self._task_id = task_id

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        return said({names.TASK_ID: self._task_id})

    def record(self) -> None:
        manifest_validated(ok=self.ok, reason=self.reason)


def manifest_validation(*, task_id: Id | None = None) -> ManifestValidation:
    """Follow the check of a manifest, and count how it ends."""
    return ManifestValidation(task_id)


class ReceiptGeneration(Operation):
    """The making of a receipt."""

    span_name = names.RECEIPT_GENERATE
    size_bytes: float | None = None

    def __init__(self, task_id: Id | None) -> None:
        self._task_id = task_id

    @property
    def attributes(self) -> Mapping[str, Attribute]:
        return said({names.TASK_ID: self._task_id})

    @property
    def outcome(self) -> Mapping[str, Attribute]:
        return said({names.SIZE_BYTES: self.size_bytes})

    def record(self) -> None:
        if self.ok:
            receipt_generated(self.size_bytes)
        else:
            execution_error("receipt", self.reason or "error")


def receipt_generation(*, task_id: Id | None = None) -> ReceiptGeneration:
    """Follow the making of a receipt; set ``size_bytes`` where it is known."""
    return ReceiptGeneration(task_id)


def receipt_generated(size_bytes: float | None = None) -> None:
    """An executor wrote a receipt."""
    if size_bytes is not None:
        _receipt_size[()](checked("size_bytes", size_bytes))
    _receipts[()](1)


def receipt_signed(signer: str) -> None:
    """The executor or a witness signed."""
    _signed[word("signer", signer)](1)


def receipt_verified(*, ok: bool) -> None:
    """The signatures of a receipt were checked."""
    _verified[_verdict(ok=ok)](1)
