"""Say in a response what a client should know of fields that hold no error."""

from typing import Any

from gateway.schema.context import OperationContext


def tell_notices(response: dict[str, Any], context: OperationContext) -> None:
    """Add to the response's `extensions` what `context` has noted since the last response."""
    if context.notices:
        response.setdefault("extensions", {})["notices"] = [*context.notices]
        context.notices.clear()
