"""Chooses response keys with which fields can be merged and never conflict."""

from typing import Final

from graphql import GraphQLField, get_named_type, is_leaf_type

from .choices import Choices
from .type_facts import TYPE_FACTS, TypeFacts

_ALIASES: Final = ("a", "b", "id", "name", "processingJobName", "trainingJob", "__x")


class Keys:
    """The response keys of one example."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._meanings: dict[tuple[str, str], str] = {}
        self._shapes: dict[str, str] = {}

    def key(self, facts: TypeFacts, name: str, definition: GraphQLField, arguments: str) -> str:
        """Return the key of a field: its own name, an alias, or what is free."""
        aliases = (*_ALIASES, *facts.leaves[:3])
        key = self._choices.pick(aliases) if self._choices.chance(20) else name
        meaning = name + arguments
        shape = _shape(definition)
        number = 0
        while not self._fits(facts, key, meaning, shape):
            number += 1
            key = f"{name}_{number}"
        self._meanings[facts.name, key] = meaning
        self._shapes.setdefault(key, shape)
        return key

    def _fits(self, facts: TypeFacts, key: str, meaning: str, shape: str) -> bool:
        """Tell whether the key is free, or means the same, in all types that the object may be."""
        return self._shapes.get(key, shape) == shape and all(
            self._meanings.get((other, key), meaning) == meaning
            for other in facts.conditions
            if TYPE_FACTS[other].fields
        )


def _shape(definition: GraphQLField) -> str:
    type_ = get_named_type(definition.type)
    text = str(definition.type)
    return text if is_leaf_type(type_) else text.replace(type_.name, "{}")
