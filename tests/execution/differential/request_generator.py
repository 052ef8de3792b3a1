"""Generates requests: a document, the operation to run and its variables."""

from typing import Any

from gateway.execution.request import Request

from .choices import Choices
from .grants_generator import draw_grants
from .selection_generator import DocumentPart, SelectionGenerator
from .token_mutation import mutate_token
from .variables import Variable


def draw_requests(choices: Choices) -> tuple[Request, ...]:
    """Return requests to be made one after another; later ones share selections with earlier."""
    generator = SelectionGenerator(choices)
    requests: list[Request] = []
    for _ in range(1 + choices.number_below(2)):
        requests += _document(choices, generator)
    return tuple(requests)


def _document(choices: Choices, generator: SelectionGenerator) -> list[Request]:
    queries = [generator.query() for _ in range(1 + max(0, choices.number_below(6) - 3))]
    names = [f"Q{index}" for index in range(len(queries))]
    if len(queries) == 1 and choices.chance(30):
        names = [""]
    text = _text(generator, queries, names)
    if choices.chance(8):
        text = mutate_token(choices, text)
    requests = []
    for query, name in zip(queries, names, strict=True):
        variables = [generator.variables[each] for each in _sorted(generator.reachable(query), "$")]
        requests += [
            Request(
                text,
                _operation_name(choices, name, names),
                _bindings(choices, variables),
                draw_grants(choices),
            )
            for _ in range(1 + (bool(variables) and choices.number_below(2)))
        ]
    return requests


def _text(generator: SelectionGenerator, queries: list[DocumentPart], names: list[str]) -> str:
    definitions = []
    fragments: set[str] = set()
    for query, name in zip(queries, names, strict=True):
        uses = generator.reachable(query)
        fragments.update(_sorted(uses, "..."))
        variables = [generator.variables[each] for each in _sorted(uses, "$")]
        declared = ", ".join(f"${variable.name}: {variable.declared}" for variable in variables)
        head = f"query {name}" + (f"({declared})" if declared else "")
        definitions.append(f"{head} {query.text}" if name or declared else query.text)
    for name in sorted(fragments):
        type_name, part = generator.fragments[name]
        definitions.append(f"fragment {name} on {type_name} {part.text}")
    return "\n".join(definitions)


def _sorted(uses: frozenset[str], sign: str) -> list[str]:
    return sorted(use.removeprefix(sign) for use in uses if use.startswith(sign))


def _operation_name(choices: Choices, name: str, names: list[str]) -> str | None:
    if choices.chance(4):
        return choices.pick(("NoSuchOperation", "", None))
    return name if len(names) > 1 or (name and choices.chance(50)) else None


def _bindings(choices: Choices, variables: list[Variable]) -> dict[str, Any]:
    bindings = {
        variable.name: variable.draw(choices)
        for variable in variables
        if not choices.chance(30 if "=" in variable.declared else 1)
    }
    for variable in variables:
        if "=" in variable.declared and choices.chance(6):
            bindings[variable.name] = None
    if choices.chance(5):
        bindings["nobodyAsked"] = 1
    return bindings
