"""The variables of a document: how they are declared, and what a request says they are."""

from dataclasses import dataclass
from typing import Any, Final

from graphql import GraphQLInputType, GraphQLNonNull

from gateway.schema.schema import CORE_SCHEMA

from .arguments import draw_misfit, draw_value, literal
from .dice import Dice

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

    def draw(self, dice: Dice) -> Any:
        """Return a value of the variable, now and then one that it cannot have."""
        if dice.chance(1):
            return draw_misfit(dice)
        return draw_value(dice, self.type_, self.argument, self.returned)


class Variables:
    """The variables of one example."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._declared: dict[str, Variable] = {}

    def __getitem__(self, name: str) -> Variable:
        return self._declared[name]

    def take(self, type_: GraphQLInputType, argument: str, returned: str) -> str:
        """Return the name of a variable that may stand for an argument."""
        known = [v for v in self._declared.values() if (v.type_, v.argument) == (type_, argument)]
        if known and self._dice.chance(75):
            return self._dice.pick(known).name
        name = f"v{len(self._declared)}"
        declared = self._declaration(type_, argument, returned)
        self._declared[name] = Variable(name, declared, type_, argument, returned)
        return name

    def _declaration(self, type_: Any, argument: str, returned: str) -> str:
        if not self._dice.chance(40):
            needless = not isinstance(type_, GraphQLNonNull) and self._dice.chance(20)
            return f"{type_}!" if needless else str(type_)
        default = literal(draw_value(self._dice, type_, argument, returned))
        if isinstance(type_, GraphQLNonNull) and not self._dice.chance(30):
            # With a default it may stand where null may not, and still be given null.
            type_ = type_.of_type
        return f"{type_} = {default}"
