"""Whole requests: a document, the operation to run and its variables."""

from typing import Any

from gateway.execution.request import Request

from .dice import Dice
from .slips import slip
from .variables import Variable
from .writer import Part, Writer


def draw_requests(dice: Dice) -> tuple[Request, ...]:
    """Return requests to be made one after another; later ones share selections with earlier."""
    writer = Writer(dice)
    requests: list[Request] = []
    for _ in range(1 + dice.below(2)):
        requests += _document(dice, writer)
    return tuple(requests)


def _document(dice: Dice, writer: Writer) -> list[Request]:
    queries = [writer.query() for _ in range(1 + max(0, dice.below(6) - 3))]
    names = [f"Q{index}" for index in range(len(queries))]
    if len(queries) == 1 and dice.chance(30):
        names = [""]
    text = _text(writer, queries, names)
    if dice.chance(8):
        text = slip(dice, text)
    requests = []
    for query, name in zip(queries, names, strict=True):
        variables = [writer.variables[each] for each in _sorted(writer.reachable(query), "$")]
        requests += [
            Request(text, _operation_name(dice, name, names), _bindings(dice, variables))
            for _ in range(1 + (bool(variables) and dice.below(2)))
        ]
    return requests


def _text(writer: Writer, queries: list[Part], names: list[str]) -> str:
    definitions = []
    fragments: set[str] = set()
    for query, name in zip(queries, names, strict=True):
        uses = writer.reachable(query)
        fragments.update(_sorted(uses, "..."))
        variables = [writer.variables[each] for each in _sorted(uses, "$")]
        declared = ", ".join(f"${variable.name}: {variable.declared}" for variable in variables)
        head = f"query {name}" + (f"({declared})" if declared else "")
        definitions.append(f"{head} {query.text}" if name or declared else query.text)
    for name in sorted(fragments):
        type_name, part = writer.fragments[name]
        definitions.append(f"fragment {name} on {type_name} {part.text}")
    return "\n".join(definitions)


def _sorted(uses: frozenset[str], sign: str) -> list[str]:
    return sorted(use.removeprefix(sign) for use in uses if use.startswith(sign))


def _operation_name(dice: Dice, name: str, names: list[str]) -> str | None:
    if dice.chance(4):
        return dice.pick(("NoSuchOperation", "", None))
    return name if len(names) > 1 or (name and dice.chance(50)) else None


def _bindings(dice: Dice, variables: list[Variable]) -> dict[str, Any]:
    bindings = {
        variable.name: variable.draw(dice)
        for variable in variables
        if not dice.chance(30 if "=" in variable.declared else 1)
    }
    for variable in variables:
        if "=" in variable.declared and dice.chance(6):
            bindings[variable.name] = None
    if dice.chance(5):
        bindings["nobodyAsked"] = 1
    return bindings
