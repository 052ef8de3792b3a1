"""Writes selections: a walk over the schema that makes up what clients might ask."""

from dataclasses import dataclass
from typing import Final

from graphql import (
    GraphQLField,
    GraphQLInputType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from .arguments import draw_value, literal
from .dice import Dice
from .keys import Keys
from .types import FACTS, Facts
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
class Part:
    """A piece of a document, with the `$variables` and `...Fragments` that it uses."""

    text: str
    uses: frozenset[str]
    weight: int = 0
    """The fields in it, those of its fragments at every place where they are spread."""


class Writer:
    """Writes the selections of one example, which share fragments, variables and each other."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._keys = Keys(dice)
        self.variables = Variables(dice)
        self.fragments: dict[str, tuple[str, Part]] = {}
        """Type condition and body, by name."""
        self._sets: dict[str, list[Part]] = {}
        self._arguments: dict[str, list[Part]] = {}
        self._uses: list[set[str]] = []
        self._weight = 0

    def query(self) -> Part:
        """Return the selection set of a query."""
        self._weight = 0
        return self._selection_set("Query", 0)

    def reachable(self, part: Part) -> frozenset[str]:
        """Return the uses of a part and of all the fragments that it leads to."""
        found = set(part.uses)
        waiting = [use for use in part.uses if use.startswith("...")]
        while waiting:
            uses = self.fragments[waiting.pop()[3:]][1].uses
            waiting += [use for use in uses - found if use.startswith("...")]
            found |= uses
        return frozenset(found)

    def _selection_set(self, type_name: str, depth: int) -> Part:
        written = self._sets.setdefault(type_name, [])
        if written and self._dice.chance(15):
            part = self._dice.pick(written)
            self._weight += part.weight
            return part
        before = self._weight
        self._uses.append(set())
        count = 1 + self._dice.below(3 if depth else 4)
        texts = [self._selection(FACTS[type_name], depth) for _ in range(count)]
        uses = frozenset(self._uses.pop())
        part = Part("{ " + " ".join(texts) + " }", uses, self._weight - before)
        written.append(part)
        return part

    def _selection(self, facts: Facts, depth: int) -> str:
        kind = self._dice.pick(_KINDS)
        if kind == "typename":
            return f"{'t: ' if self._dice.chance(20) else ''}__typename{self._directives()}"
        if depth >= _DEEPEST or self._weight >= _MOST_FIELDS:
            return self._leaf(facts)
        if kind == "spread":
            return self._spread(facts, depth)
        if kind == "inline" or not facts.fields:
            return self._inline_fragment(facts, depth)
        if facts.name == "Query" and self._dice.chance(2):
            return self._dice.pick(_INTROSPECTION)
        return self._field(facts, depth)

    def _leaf(self, facts: Facts) -> str:
        if not facts.leaves:
            return "__typename"
        name = self._dice.pick(facts.leaves)
        return self._head(facts, name, facts.fields[name])

    def _field(self, facts: Facts, depth: int) -> str:
        self._weight += 1
        name = self._field_name(facts)
        definition = facts.fields[name]
        head = self._head(facts, name, definition)
        type_ = get_named_type(definition.type)
        if is_leaf_type(type_):
            return head
        return f"{head} {self._use(self._selection_set(type_.name, depth + 1))}"

    def _field_name(self, facts: Facts) -> str:
        kind = self._dice.below(10)
        if kind < 4 and facts.identity:
            return self._dice.pick(facts.identity)
        if kind < 7 and facts.onward:
            return self._dice.pick(facts.onward)
        return self._dice.pick(tuple(facts.fields))

    def _head(self, facts: Facts, name: str, definition: GraphQLField) -> str:
        arguments = self._use(self._arguments_of(facts, name, definition))
        key = self._keys.key(facts, name, definition, arguments)
        alias = "" if key == name else f"{key}: "
        return f"{alias}{name}{arguments}{self._directives()}"

    def _arguments_of(self, facts: Facts, name: str, definition: GraphQLField) -> Part:
        if not definition.args:
            return Part("", frozenset())
        written = self._arguments.setdefault(f"{facts.name}.{name}", [])
        if written and self._dice.chance(50):
            return self._dice.pick(written)
        self._uses.append(set())
        returned = get_named_type(definition.type).name
        texts = [
            f"{argument}: {self._value(given.type, argument, returned)}"
            for argument, given in definition.args.items()
            if is_required_argument(given) or self._dice.chance(25)
        ]
        text = f"({', '.join(texts)})" if texts else ""
        part = Part(text, frozenset(self._uses.pop()))
        written.append(part)
        return part

    def _value(self, type_: GraphQLInputType, argument: str, returned: str) -> str:
        if self._dice.chance(25):
            return self._variable(type_, argument, returned)
        return literal(draw_value(self._dice, type_, argument, returned))

    def _variable(self, type_: GraphQLInputType, argument: str, returned: str) -> str:
        variable = f"${self.variables.take(type_, argument, returned)}"
        self._uses[-1].add(variable)
        return variable

    def _directives(self) -> str:
        if not self._dice.chance(15):
            return ""
        names = self._dice.pick(_DIRECTIVES)
        return "".join(f" @{name}(if: {self._condition()})" for name in names)

    def _condition(self) -> str:
        if self._dice.chance(60):
            return self._variable(CONDITION, "if", "")
        return "true" if self._dice.chance(60) else "false"

    def _inline_fragment(self, facts: Facts, depth: int) -> str:
        name = facts.name if self._dice.chance(20) else self._dice.pick(facts.conditions)
        condition = "" if name == facts.name and self._dice.chance(50) else f" on {name}"
        selections = self._use(self._selection_set(name, depth + 1))
        return f"...{condition}{self._directives()}{self._later()} {selections}"

    def _spread(self, facts: Facts, depth: int) -> str:
        known = [name for name, (on, _) in self.fragments.items() if on in facts.conditions]
        if known and self._dice.chance(60):
            name = self._dice.pick(known)
            self._weight += self.fragments[name][1].weight
        else:
            type_name = self._dice.pick(facts.conditions)
            part = self._selection_set(type_name, depth + 1)
            # Named only now that it is written, so that no fragment leads back to itself.
            name = f"F{len(self.fragments)}"
            self.fragments[name] = (type_name, part)
        self._uses[-1].add(f"...{name}")
        return f"...{name}{self._directives()}{self._later()}"

    def _later(self) -> str:
        """Return what has no effect on a client that takes one response only."""
        return self._dice.pick(_LATER) if self._dice.chance(2) else ""

    def _use(self, part: Part) -> str:
        self._uses[-1] |= part.uses
        return part.text
