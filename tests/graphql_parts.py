"""Puts the parts of a response together, as clients do."""

from collections.abc import Iterable, Mapping
from typing import Any

Json = dict[str, Any]


class Merged:
    """The response that a client has after each part, in either format of the parts."""

    def __init__(self) -> None:
        self.data: Any = None
        self.errors: list[Json] = []
        self.failed: list[list[str | int]] = []
        """The paths of fragments and lists that were given up."""
        self._announced: dict[str, list[str | int]] = {}

    def add(self, part: Json) -> None:
        """Add one part. Fails where a client would not find the place."""
        if "data" in part:
            self.data = part["data"]
        self.errors += part.get("errors", ())
        for announced in part.get("pending", ()):
            assert announced["id"] not in self._announced
            self._announced[announced["id"]] = announced["path"]
        for result in part.get("incremental", ()):
            self.errors += result.get("errors", ())
            if "id" in result:
                self._add_by_id(result)
            else:
                self._add_by_path(result)
        for done in part.get("completed", ()):
            path = self._announced.pop(done["id"])
            if "errors" in done:
                self.errors += done["errors"]
                self.failed.append(path)
        # What is announced may come with the same part.
        for path in self._announced.values():
            self._find(path)
        if not part.get("hasNext"):
            assert not self._announced

    def _add_by_id(self, result: Json) -> None:
        place = self._find([*self._announced[result["id"]], *result.get("subPath", ())])
        if "items" in result:
            place += result["items"]
        else:
            merge(place, result["data"])

    def _add_by_path(self, result: Json) -> None:
        path = result["path"]
        if result.get("items", result.get("data")) is None:
            self.failed.append(path)
        elif "items" in result:
            items = self._find(path[:-1])
            assert len(items) == path[-1]
            items += result["items"]
        else:
            merge(self._find(result["path"]), result["data"])

    def _find(self, path: Iterable[str | int]) -> Any:
        place = self.data
        for key in path:
            place = place[key]
        return place


def merge(into: Any, data: Any) -> None:
    """Merge an object or a list into another, down to the leaves, which must not differ."""
    for key, value in data.items() if isinstance(data, Mapping) else enumerate(data):
        if isinstance(into, dict) and key not in into:
            into[key] = value
        elif isinstance(value, dict | list) and into[key] is not None:
            merge(into[key], value)
        else:
            assert into[key] == value, (key, into[key], value)


def merge_parts(parts: Iterable[Json]) -> Merged:
    """Return what a client has after the last part."""
    merged = Merged()
    for part in parts:
        merged.add(part)
    return merged
