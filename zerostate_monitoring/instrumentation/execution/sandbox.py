"""WASM modules in the sandbox, and what goes with their runs: manifests and receipts."""

from __future__ import annotations

from typing import ClassVar, Final

from zerostate_monitoring.instrumentation.execution.tasks import (
    execution_error,
    timeout_error,
    validation_error,
)
from zerostate_monitoring.instrumentation.families import counts, distributions, levels
from zerostate_monitoring.instrumentation.operations import Operation, checked, finite, word

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

    span_name: ClassVar[str] = "wasm.execute"
    exit_code: int | None = None
    memory_bytes: float | None = None

    def record(self) -> None:
        ok = self.ok and not self.exit_code
        wasm_executed(self.seconds, ok=ok, exit_code=self.exit_code, memory_bytes=self.memory_bytes)
        if self.reason == "timeout":
            timeout_error()
        elif self.reason:
            execution_error("wasm", self.reason)


def wasm_execution() -> WasmExecution:
    """Time a run; set ``exit_code`` and ``memory_bytes`` where they are known.

    An exit code other than 0 is a failure.
    """
    return WasmExecution()


class WasmValidation(Operation):
    """The check of a module before its run."""

    span_name: ClassVar[str] = "wasm.validate"

    def record(self) -> None:
        _validation_seconds[()](self.seconds)
        if not self.ok:
            validation_error("wasm", self.reason or "invalid_module")


def wasm_validation() -> WasmValidation:
    """Time the check of a module; what it refuses is counted."""
    return WasmValidation()


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
