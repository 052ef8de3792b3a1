"""Faults of single AWS calls: errors, and answers that break AWS's own model."""

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from gateway.aws.errors import (
    AccessDenied,
    NotFound,
    Refused,
    RefusedToken,
    Throttled,
    TimedOut,
    Unavailable,
)
from gateway.aws.resources import SEARCH

from .arn_values import draw_arn
from .choices import Choices
from .fake_sagemaker import Call, healthy_answer

Healthy = Callable[[], Mapping[str, Any]]
Step = str | int


@dataclass(frozen=True)
class CallError:
    """The call fails with an error."""

    error: Exception

    def answer(self, _: Healthy) -> Mapping[str, Any]:
        """Raise the error, a fresh one each time as a real call would."""
        raise copy.copy(self.error)


@dataclass(frozen=True)
class Edit:
    """The answer holds something else at a place of it; `GONE` takes the member out."""

    path: tuple[Step, ...]
    value: Any


@dataclass(frozen=True)
class EditedAnswer:
    """The answer comes with edits."""

    edits: tuple[Edit, ...]

    def answer(self, healthy: Healthy) -> Mapping[str, Any]:
        """Return the healthy answer with the edits, those left out that no longer have a place."""
        answer = copy.deepcopy(dict(healthy()))
        for edit in self.edits:
            _put(answer, edit)
        return answer


Fault = CallError | EditedAnswer

GONE: Final = "<gone>"

_ERRORS: Final = (
    Unavailable("AWS failed on DescribeSomething."),
    Throttled("AWS throttled DescribeSomething.", 3_000),
    AccessDenied("AWS denied the gateway DescribeSomething (AccessDeniedException)."),
    TimedOut("AWS did not answer DescribeSomething in time."),
    NotFound("DescribeSomething"),
    Refused("DescribeSomething", "Value 'x' failed to satisfy constraint."),
    RefusedToken("ListSomething", "Invalid pagination token."),
    # What nobody foresaw.
    RuntimeError("boom at 0x7f12ab"),
)
_ODD_VALUES: Final[tuple[Any, ...]] = (
    None,
    GONE,
    "",
    "Brand-New Value",
    '\u00fc\u2028\U0001f600\x00"\\',
    "half \ud83d of a pair",
    0,
    -1,
    2**31,
    2**53 + 1,
    2**63,
    10**400,
    1.5,
    -0.0,
    1e300,
    math.nan,
    math.inf,
    True,
    False,
    [],
    [None],
    [None, "a", 7, {}, ["b"], {"Key": "k", "Value": None}],
    {},
    {"a": "b", "": None, "\udc00": 1},
    {"Key": None},
    datetime(1, 1, 1, tzinfo=UTC),
    datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
    datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-5))),
    datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=UTC),
)


def draw_fault(choices: Choices, call: Call) -> Fault:
    """Return a fault for the answer to one call."""
    # Search may lack jobs, but not tell lies of them.
    if call.operation == SEARCH or choices.chance(45):
        return CallError(choices.pick(_ERRORS))
    answer = {
        key: value for key, value in healthy_answer(call).items() if key != "ResponseMetadata"
    }
    return EditedAnswer(
        tuple(_draw_edit(choices, answer) for _ in range(1 + choices.number_below(6)))
    )


def _draw_edit(choices: Choices, answer: Mapping[str, Any]) -> Edit:
    links = list(_link_paths(answer)) if choices.chance(35) else []
    if links:
        value = draw_arn(choices) if choices.chance(85) else choices.pick(_ODD_VALUES)
        return Edit(choices.pick(links), value)
    path: tuple[Step, ...] = ()
    inside: Any = answer
    while isinstance(inside, dict | list) and inside and (not path or choices.chance(65)):
        steps = sorted(inside) if isinstance(inside, dict) else range(len(inside))
        step = choices.pick(steps)
        path, inside = (*path, step), inside[step]
    return Edit(path, choices.pick(_ODD_VALUES))


def _link_paths(value: Any, path: tuple[Step, ...] = ()) -> Any:
    if isinstance(value, str) and value.startswith("arn:aws:sagemaker:"):
        yield path
    elif isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for step, inside in items:
            yield from _link_paths(inside, (*path, step))


def _put(answer: Any, edit: Edit) -> None:
    *way, last = edit.path
    try:
        for step in way:
            answer = answer[step]
        if edit.value is GONE:
            del answer[last]
        else:
            answer[last] = copy.deepcopy(edit.value)
    except (KeyError, IndexError, TypeError):
        # An earlier edit took the place away.
        return
