"""All resources of one kind in one region: found by name, walked in order."""

import threading
from collections.abc import Iterator, Sequence

from gateway.twin.ordering import Entry, key_of
from gateway.twin.records import Record


class Shelf:
    """A dictionary that also keeps its records sorted by creation and by name."""

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        self._lock = threading.Lock()
        self._by_creation: list[Entry[Record]] | None = None
        self._by_name: list[Entry[Record]] | None = None

    def add(self, record: Record) -> None:
        """Put a record in, in the place of one with the same name."""
        with self._lock:
            self._records[record.name] = record
            self._by_creation = self._by_name = None

    def remove(self, name: str) -> bool:
        """Take a record out; say whether there was one."""
        with self._lock:
            self._by_creation = self._by_name = None
            return self._records.pop(name, None) is not None

    def get(self, name: str) -> Record | None:
        """Return the record with this name."""
        return self._records.get(name)

    def __iter__(self) -> Iterator[Record]:
        with self._lock:
            return iter(list(self._records.values()))

    def __len__(self) -> int:
        return len(self._records)

    def by_creation(self) -> Sequence[Entry[Record]]:
        """All records, oldest first."""
        with self._lock:
            if self._by_creation is None:
                records = self._records.values()
                self._by_creation = sorted(
                    (Entry((record.created, record.name), record) for record in records),
                    key=key_of,
                )
            return self._by_creation

    def by_name(self) -> Sequence[Entry[Record]]:
        """All records by name."""
        with self._lock:
            if self._by_name is None:
                records = self._records.values()
                self._by_name = sorted(
                    (Entry((record.name, ""), record) for record in records), key=key_of
                )
            return self._by_name
