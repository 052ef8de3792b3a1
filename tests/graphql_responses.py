"""GraphQL responses, each checked against the error contract before a test sees it.

The contract: every error has a message, a code out of `gateway.errors.Code` in its `extensions`,
a path of names and indices and locations where it belongs to a field; and nothing in a message
tells of AWS's internals, of the gateway's, or of an account.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

import httpx

from gateway.errors import Code

TELLTALES: Final = re.compile(
    r"Traceback|File \"|\.py\b|botocore|boto3|\b\w+(?:Error|Exception)\(|0x[0-9a-f]{6}|assumed-role"
    r"|\b\d{12}\b|AKIA|security token|identity-based",
)
_KEYS: Final = {"message", "locations", "path", "extensions"}


def assert_canonical_error(error: Any) -> None:
    """Fail unless `error` keeps the contract in this module's docstring."""
    assert isinstance(error, dict)
    assert {"message", "extensions"} <= set(error) <= _KEYS, error
    assert isinstance(error["message"], str)
    assert error["message"].strip(), error
    assert not TELLTALES.search(error["message"]), error
    assert error["extensions"]["code"] in set(Code), error
    for step in error.get("path", []):
        assert isinstance(step, str | int), error
    for location in error.get("locations", []):
        assert set(location) == {"line", "column"}, error
    throttled = error["extensions"]["code"] == Code.UPSTREAM_THROTTLED
    more = {*(["retryAfterMs"] if throttled else [])}
    if error["extensions"]["code"] == Code.QUERY_TOO_COMPLEX and "planned" in error["extensions"]:
        more = {"planned", "budget"}
        assert error["extensions"]["planned"] > error["extensions"]["budget"]
    assert set(error["extensions"]) == {"code", *more}, error
    if throttled:
        assert error["extensions"]["retryAfterMs"] > 0


@dataclass(frozen=True)
class Answer:
    """A response to a GraphQL request, its errors known to be canonical."""

    http: httpx.Response
    body: dict[str, Any]

    @classmethod
    def of(cls, response: httpx.Response) -> "Answer":
        """Return the answer in an HTTP response. Fails when it breaks the contract."""
        body = response.json()
        assert body.keys() <= {"data", "errors", "extensions"}, body
        assert "data" in body or "errors" in body, body
        if "errors" in body:
            assert body["errors"], "an empty list of errors"
        for error in body.get("errors", []):
            assert_canonical_error(error)
        return cls(response, body)

    @property
    def data(self) -> Any:
        """What was answered."""
        return self.body.get("data")

    @property
    def errors(self) -> list[Any]:
        """The errors, none if there were none."""
        errors: list[Any] = self.body.get("errors", [])
        return errors

    @property
    def codes(self) -> list[str]:
        """The codes of the errors."""
        return [error["extensions"]["code"] for error in self.errors]

    @property
    def error(self) -> Any:
        """The only error. Fails when there is another number of them."""
        assert len(self.errors) == 1, self.body
        return self.errors[0]

    @property
    def stale(self) -> list[Any]:
        """What is labelled as stale."""
        extensions = self.body.get("extensions", {})
        stale: list[Any] = extensions.get("freshness", {}).get("stale", [])
        return stale
