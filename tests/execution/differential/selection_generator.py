"""Generates selection sets by a random walk over the schema."""

from dataclasses import dataclass
from typing import Final

from graphql import (
    GraphQLField,
    GraphQLInputType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from .argument_values import draw_value, literal
from .choices import Choices
from .response_keys import Keys
from .type_facts import TYPE_FACTS, TypeFacts
from .variables import CONDITION, Variables

_DEEPEST: Final = 7
_MOST_FIELDS: Final = 25
_INTROSPECTION: Final = (
    "__schema { queryType { name } }",
    '__type(name: "ProcessingJob") { kind fields { name } }',
    '__type(name: "NoSuchType") { name }',
)
# The simplest first.
_KINDS: Final = ("field",) * 12 + ("typename",) * 2 + ("spread",) * 3 + ("inline",) * 3
_DIRECTIVES: Final = (("include",), ("skip",), ("include", "skip"), ("skip", "include"))
_LATER: Final = (" @defer", " @defer(if: true)", ' @defer(label: "later", if: false)')


@dataclass(frozen=True)
class DocumentPart:
    """A part of a document, with the `$variables` and `...Fragments` that it uses."""

    text: str
    uses: frozenset[str]
    weight: int = 0
    """The fields in it, those of its fragments at every place where they are spread."""


class SelectionGenerator:
    """Generates the selection sets of one example, which share fragments and variables."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._keys = Keys(choices)
        self.variables = Variables(choices)
        self.fragments: dict[str, tuple[str, DocumentPart]] = {}
        """Type condition and body, by name."""
        self._sets: dict[str, list[DocumentPart]] = {}
        self._arguments: dict[str, list[DocumentPart]] = {}
        self._uses: list[set[str]] = []
        self._weight = 0

    def query(self) -> DocumentPart:
        """Return the selection set of a query."""
        self._weight = 0
        return self._selection_set("Query", 0)

    def reachable(self, part: DocumentPart) -> frozenset[str]:
        """Return the uses of a part and of all the fragments that it leads to."""
        found = set(part.uses)
        waiting = [use for use in part.uses if use.startswith("...")]
        while waiting:
            uses = self.fragments[waiting.pop()[3:]][1].uses
            waiting += [use for use in uses - found if use.startswith("...")]
            found |= uses
        return frozenset(found)

    def _selection_set(self, type_name: str, depth: int) -> DocumentPart:
        written = self._sets.setdefault(type_name, [])
        if written and self._choices.chance(15):
            part = self._choices.pick(written)
            self._weight += part.weight
            return part
        before = self._weight
        self._uses.append(set())
        count = 1 + self._choices.number_below(3 if depth else 4)
        texts = [self._selection(TYPE_FACTS[type_name], depth) for _ in range(count)]
        uses = frozenset(self._uses.pop())
        part = DocumentPart("{ " + " ".join(texts) + " }", uses, self._weight - before)
        written.append(part)
        return part

    def _selection(self, facts: TypeFacts, depth: int) -> str:
        kind = self._choices.pick(_KINDS)
        if kind == "typename":
            return f"{'t: ' if self._choices.chance(20) else ''}__typename{self._directives()}"
        if depth >= _DEEPEST or self._weight >= _MOST_FIELDS:
            return self._leaf(facts)
        if kind == "spread":
            return self._spread(facts, depth)
        if kind == "inline" or not facts.fields:
            return self._inline_fragment(facts, depth)
        if facts.name == "Query" and self._choices.chance(2):
            return self._choices.pick(_INTROSPECTION)
        return self._field(facts, depth)

    def _leaf(self, facts: TypeFacts) -> str:
        if not facts.leaves:
            return "__typename"
        name = self._choices.pick(facts.leaves)
        return self._head(facts, name, facts.fields[name])

    def _field(self, facts: TypeFacts, depth: int) -> str:
        self._weight += 1
        name = self._field_name(facts)
        definition = facts.fields[name]
        head = self._head(facts, name, definition)
        type_ = get_named_type(definition.type)
        if is_leaf_type(type_):
            return head
        return f"{head} {self._use(self._selection_set(type_.name, depth + 1))}"

    def _field_name(self, facts: TypeFacts) -> str:
        kind = self._choices.number_below(10)
        if kind < 4 and facts.identity:
            return self._choices.pick(facts.identity)
        if kind < 7 and facts.onward:
            return self._choices.pick(facts.onward)
        return self._choices.pick(tuple(facts.fields))

    def _head(self, facts: TypeFacts, name: str, definition: GraphQLField) -> str:
        arguments = self._use(self._arguments_of(facts, name, definition))
        key = self._keys.key(facts, name, definition, arguments)
        alias = "" if key == name else f"{key}: "
        return f"{alias}{name}{arguments}{self._directives()}"

    def _arguments_of(self, facts: TypeFacts, name: str, definition: GraphQLField) -> DocumentPart:
        if not definition.args:
            return DocumentPart("", frozenset())
        written = self._arguments.setdefault(f"{facts.name}.{name}", [])
        if written and self._choices.chance(50):
            return self._choices.pick(written)
        self._uses.append(set())
        returned = get_named_type(definition.type).name
        texts = [
            f"{argument}: {self._value(given.type, argument, returned)}"
            for argument, given in definition.args.items()
            if is_required_argument(given) or self._choices.chance(25)
        ]
        text = f"({', '.join(texts)})" if texts else ""
        part = DocumentPart(text, frozenset(self._uses.pop()))
        written.append(part)
        return part

    def _value(self, type_: GraphQLInputType, argument: str, returned: str) -> str:
        if self._choices.chance(25):
            return self._variable(type_, argument, returned)
        return literal(draw_value(self._choices, type_, argument, returned))

    def _variable(self, type_: GraphQLInputType, argument: str, returned: str) -> str:
        variable = f"${self.variables.take(type_, argument, returned)}"
        self._uses[-1].add(variable)
        return variable

    def _directives(self) -> str:
        if not self._choices.chance(15):
            return ""
        names = self._choices.pick(_DIRECTIVES)
        return "".join(f" @{name}(if: {self._condition()})" for name in names)

    def _condition(self) -> str:
        if self._choices.chance(60):
            return self._variable(CONDITION, "if", "")
        return "true" if self._choices.chance(60) else "false"

    def _inline_fragment(self, facts: TypeFacts, depth: int) -> str:
        name = facts.name if self._choices.chance(20) else self._choices.pick(facts.conditions)
        condition = "" if name == facts.name and self._choices.chance(50) else f" on {name}"
        selections = self._use(self._selection_set(name, depth + 1))
        return f"...{condition}{self._directives()}{self._later()} {selections}"

    def _spread(self, facts: TypeFacts, depth: int) -> str:
        known = [name for name, (on, _) in self.fragments.items() if on in facts.conditions]
        if known and self._choices.chance(60):
            name = self._choices.pick(known)
            self._weight += self.fragments[name][1].weight
        else:
            type_name = self._choices.pick(facts.conditions)
            part = self._selection_set(type_name, depth + 1)
            # Named only now that it is written, so that no fragment leads back to itself.
            name = f"F{len(self.fragments)}"
            self.fragments[name] = (type_name, part)
        self._uses[-1].add(f"...{name}")
        return f"...{name}{self._directives()}{self._later()}"

    def _later(self) -> str:
        """Return what has no effect on a client that takes one response only."""
        return self._choices.pick(_LATER) if self._choices.chance(2) else ""

    def _use(self, part: DocumentPart) -> str:
        self._uses[-1] |= part.uses
        return part.text
