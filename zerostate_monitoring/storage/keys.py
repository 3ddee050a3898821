"""Names of the keys. All begin with one hash tag, so that a cluster keeps them together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keys:
    """Key names under one prefix."""

    prefix: str

    def _key(self, *parts: str) -> bytes:
        return ":".join(("{" + self.prefix + "}", *parts)).encode("utf-8", "surrogatepass")

    @property
    def versions(self) -> bytes:
        """Hash: producer to version, expiry, token, size and schema digest."""
        return self._key("versions")

    @property
    def store_id(self) -> bytes:
        """An id that is new after the store was emptied."""
        return self._key("store")

    @property
    def token(self) -> bytes:
        """The last fencing token."""
        return self._key("token")

    def frame(self, producer: str) -> bytes:
        """A producer's frame."""
        return self._key("frame", producer)

    def schema(self, digest: bytes) -> bytes:
        """A schema by its content."""
        return self._key("schema", digest.hex())

    def lease(self, name: str) -> bytes:
        """Who runs ``name`` now."""
        return self._key("lease", name)

    def slot(self, name: str) -> bytes:
        """When the last slot of ``name`` was taken."""
        return self._key("slot", name)

    def notes(self, kind: str) -> bytes:
        """Hash of small JSON documents."""
        return self._key("notes", kind)

    def counts(self, kind: str) -> bytes:
        """Hash of counts."""
        return self._key("counts", kind)

    # -- history -------------------------------------------------------------

    @property
    def history(self) -> bytes:
        """Hash: epoch, first and last slot, size of the timeline, and how often it missed one."""
        return self._key("history")

    @property
    def history_columns(self) -> bytes:
        """List of the newest columns."""
        return self._key("history_columns")

    @property
    def history_blocks(self) -> bytes:
        """List of closed runs of columns."""
        return self._key("history_blocks")

    @property
    def history_index(self) -> bytes:
        """List beside the blocks: the slots, columns, bytes and parts of each."""
        return self._key("history_index")

    @property
    def history_open(self) -> bytes:
        """Digests of the parts that the open run begins with."""
        return self._key("history_open")

    @property
    def history_parts(self) -> bytes:
        """Hash: digest to the series of one name."""
        return self._key("history_parts")

    # -- what evaluation records ---------------------------------------------

    @property
    def recorded(self) -> bytes:
        """Hash: epoch, entries so far, size, how many were cut, slot of the oldest."""
        return self._key("recorded")

    @property
    def recorded_entries(self) -> bytes:
        """List: one entry for each group and slot that was evaluated."""
        return self._key("recorded_entries")

    @property
    def recorded_parts(self) -> bytes:
        """Hash: digest to the series of one name."""
        return self._key("recorded_parts")

    @property
    def recorded_used(self) -> bytes:
        """Sorted set: digest to the last entry that names it."""
        return self._key("recorded_used")

    @property
    def recorded_groups(self) -> bytes:
        """Hash: group to its newest slot, the highest token, and how its last entry ends."""
        return self._key("recorded_groups")

    # -- what processes count ------------------------------------------------

    @property
    def totals(self) -> bytes:
        """Hash: family id to versions of its values, labels and exemplars, and its rows."""
        return self._key("totals")

    @property
    def declared(self) -> bytes:
        """Hash: family id to the time (ms) at which code last declared it."""
        return self._key("declared")

    @property
    def processes(self) -> bytes:
        """Hash: process to version, expiry, size and schema of its gauges, and what it is."""
        return self._key("processes")

    @property
    def removals(self) -> bytes:
        """List of the last series that processes ended."""
        return self._key("removals")

    @property
    def removal_count(self) -> bytes:
        """How many series processes have ended."""
        return self._key("removal_count")

    def total(self, family: str) -> TotalKeys:
        """The keys of one family's totals."""
        return TotalKeys(self._key("total", family))

    def numbers(self, producer: str) -> bytes:
        """What a process has told of its counters."""
        return self._key("numbers", producer)

    def gauges(self, producer: str) -> bytes:
        """The present values of a process."""
        return self._key("gauges", producer)

    def gauges_document(self, digest: bytes) -> bytes:
        """What the values of a process belong to, by its content."""
        return self._key("gauges_document", digest.hex())


@dataclass(frozen=True, slots=True)
class TotalKeys:
    """Key names of one family's totals."""

    stem: bytes

    @property
    def document(self) -> bytes:
        """Name, type, help, labels and buckets."""
        return self.stem + b":document"

    @property
    def index(self) -> bytes:
        """Hash: label values to row."""
        return self.stem + b":index"

    @property
    def labels(self) -> bytes:
        """List: label values by row; empty for a row that is free."""
        return self.stem + b":labels"

    @property
    def tags(self) -> bytes:
        """Eight bytes by row, new with each tenant."""
        return self.stem + b":tags"

    @property
    def values(self) -> bytes:
        """Packed float64 by row."""
        return self.stem + b":values"

    @property
    def free(self) -> bytes:
        """List of free rows."""
        return self.stem + b":free"

    @property
    def exemplars(self) -> bytes:
        """Hash: row and place to exemplar."""
        return self.stem + b":exemplars"

    @property
    def every(self) -> tuple[bytes, ...]:
        """All of them."""
        return (
            self.document,
            self.index,
            self.labels,
            self.tags,
            self.values,
            self.free,
            self.exemplars,
        )
