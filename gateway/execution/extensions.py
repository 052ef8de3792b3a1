"""Say in a response what a client should know of fields that hold no error."""

from typing import Any

from gateway.aws.loader import Notice


def tell_notices(response: dict[str, Any], notices: list[Notice]) -> None:
    """Add to the response's `extensions` `notices`, which are told then."""
    if notices:
        response.setdefault("extensions", {})["notices"] = [*notices]
        notices.clear()
