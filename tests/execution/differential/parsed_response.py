"""A GraphQL response in a form that two executors' responses can be compared in."""

import json
from typing import Any

import orjson

Json = dict[str, Any]


class Response:
    """The parts of a response. The order of errors and of freshness labels says nothing."""

    def __init__(self, body: bytes) -> None:
        response = orjson.loads(body)
        # A key that stands twice, or a space too many, would be lost on the way.
        assert orjson.dumps(response) == body, body
        assert response.keys() <= {"data", "errors", "extensions"}, body
        self.has_data = "data" in response
        self.data = orjson.dumps(response.get("data"))
        """As text, since the order of fields is the order of the query."""
        self.errors: list[Json] = _sorted(response.get("errors", []))
        self.extensions: Json = response.get("extensions", {})
        if self.extensions:
            assert self.extensions.keys() <= {"freshness", "notices"}, body
        if "freshness" in self.extensions:
            self.extensions["freshness"]["stale"] = _sorted(self.extensions["freshness"]["stale"])
        if "notices" in self.extensions:
            self.extensions["notices"] = _sorted(self.extensions["notices"])

    @property
    def is_stale(self) -> bool:
        """Tell whether AWS failed to renew something in it."""
        return "freshness" in self.extensions

    @property
    def is_cut(self) -> bool:
        """Tell whether a list in it was cut short."""
        return "notices" in self.extensions

    @property
    def codes(self) -> list[str]:
        """The codes of the errors."""
        return [error["extensions"]["code"] for error in self.errors]

    @property
    def has_deep_errors(self) -> bool:
        """Tell whether a field below the root fields failed."""
        return any(len(error.get("path", ())) > 1 for error in self.errors)


def _sorted(items: list[Json]) -> list[Json]:
    return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
