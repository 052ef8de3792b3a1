"""Say in a response which AWS calls it took, or would take."""

from collections.abc import Mapping
from typing import Any

from gateway.execution.cost import Planned
from gateway.execution.errors import QueryTooComplex


class TooManyCalls(QueryTooComplex):
    """The operation could cause more AWS calls than one may."""

    def __init__(self, planned: int, budget: int) -> None:
        super().__init__(
            f"The operation could cause {planned} AWS calls, more than the {budget} allowed. Ask "
            "for fewer rows, or follow fewer links."
        )
        self._figures = {"planned": planned, "budget": budget}

    @property
    def extensions(self) -> Mapping[str, object]:
        """Both figures, besides the code."""
        return {**super().extensions, **self._figures}


def tell_upstream(
    response: dict[str, Any], planned: Planned, spent: Mapping[str, int], from_cache: int
) -> None:
    """Add to the response's `extensions` the calls that were planned at most, and those made.

    `from_cache` is how many answers of AWS's took no call.
    """
    most = planned.by_operation()
    response.setdefault("extensions", {})["upstream"] = {
        "planned": planned.most,
        "spent": sum(spent.values()),
        "fromCache": from_cache,
        "operations": {
            name: {"planned": most.get(name, 0), "spent": spent.get(name, 0)}
            for name in sorted({*most, *spent})
        },
    }


def explanation(planned: Planned, budget: int) -> dict[str, Any]:
    """Return the response that tells the calls planned at most, by operation and by place."""
    return {
        "data": None,
        "extensions": {
            "upstream": {
                "planned": planned.most,
                "budget": budget,
                "operations": {
                    name: {"planned": calls}
                    for name, calls in sorted(planned.by_operation().items())
                },
                "plan": [
                    {"path": list(keys), "operation": operation, "planned": calls}
                    for (keys, operation), calls in planned.calls.items()
                    if calls
                ],
            }
        },
    }
