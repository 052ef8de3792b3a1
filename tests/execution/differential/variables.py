"""Generates the variables of a document: their declarations and their values."""

from dataclasses import dataclass
from typing import Any, Final

from graphql import GraphQLInputType, GraphQLNonNull

from gateway.schema.schema import CORE_SCHEMA

from .argument_values import draw_mistyped_value, draw_value, literal
from .choices import Choices

_BOOLEAN: Final[Any] = CORE_SCHEMA.type_map["Boolean"]
CONDITION: Final = GraphQLNonNull(_BOOLEAN)
"""What `@skip` and `@include` take."""


@dataclass(frozen=True)
class Variable:
    """A variable as an operation declares it, and what it stands for."""

    name: str
    declared: str
    """Its type and default, as they are written."""
    type_: GraphQLInputType
    argument: str
    returned: str

    def draw(self, choices: Choices) -> Any:
        """Return a value of the variable, now and then one that it cannot have."""
        if choices.chance(1):
            return draw_mistyped_value(choices)
        return draw_value(choices, self.type_, self.argument, self.returned)


class Variables:
    """The variables of one example."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._declared: dict[str, Variable] = {}

    def __getitem__(self, name: str) -> Variable:
        return self._declared[name]

    def take(self, type_: GraphQLInputType, argument: str, returned: str) -> str:
        """Return the name of a variable that may stand for an argument."""
        known = [v for v in self._declared.values() if (v.type_, v.argument) == (type_, argument)]
        if known and self._choices.chance(75):
            return self._choices.pick(known).name
        name = f"v{len(self._declared)}"
        declared = self._declaration(type_, argument, returned)
        self._declared[name] = Variable(name, declared, type_, argument, returned)
        return name

    def _declaration(self, type_: Any, argument: str, returned: str) -> str:
        if not self._choices.chance(40):
            needless = not isinstance(type_, GraphQLNonNull) and self._choices.chance(20)
            return f"{type_}!" if needless else str(type_)
        default = literal(draw_value(self._choices, type_, argument, returned))
        if isinstance(type_, GraphQLNonNull) and not self._choices.chance(30):
            # With a default it may stand where null may not, and still be given null.
            type_ = type_.of_type
        return f"{type_} = {default}"
