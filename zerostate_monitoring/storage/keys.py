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

    def notes(self, kind: str) -> bytes:
        """Hash of small JSON documents."""
        return self._key("notes", kind)

    def counts(self, kind: str) -> bytes:
        """Hash of counts."""
        return self._key("counts", kind)
