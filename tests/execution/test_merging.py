"""Fields with the same response key can be merged exactly where graphql-core's rule says so."""

import random
import time
from typing import Final

import pytest
from graphql import (
    GraphQLError,
    GraphQLField,
    OverlappingFieldsCanBeMergedRule,
    build_schema,
    get_named_type,
    is_leaf_type,
    parse,
    specified_rules,
    validate,
)

from gateway.execution.errors import QueryTooComplex
from gateway.execution.merging import find_conflicts
from tests.conftest import Count

_SCHEMA: Final = build_schema(
    """
    directive @stream(label: String, initialCount: Int = 0, if: Boolean! = true) on FIELD
    type Query { pet(name: String, or: [Int]): Pet dog: Dog cat: Cat any: Any pets: [Pet!] }
    interface Pet { name(in: Language): String friend: Pet friends(first: Int): [Pet] }
    type Dog implements Pet {
      name(in: Language): String friend: Pet friends(first: Int): [Pet] age: Int owner: Dog
      size: Int! toys: [String]
    }
    type Cat implements Pet {
      name(in: Language): String friend: Pet friends(first: Int): [Pet] age: Int! owner: Cat
      size: String toys: [String!]
    }
    union Any = Dog | Cat
    input Language { code: String level: Int }
    """
)
_OVERLAPPING: Final = {
    "Query": ("Query",),
    "Pet": ("Pet", "Dog", "Cat", "Any"),
    "Dog": ("Pet", "Dog", "Any"),
    "Cat": ("Pet", "Cat", "Any"),
    "Any": ("Pet", "Dog", "Cat", "Any"),
}
"""The types on which a fragment can be spread, by that of the selection set around it."""
_ARGUMENTS: Final = {
    "name": ('(in: {code: "en", level: 1})', '(in: {level: 1, code: "en"})', "(in: $language)", ""),
    "friends": ("(first: 1)", "(first: 2)", ""),
    "pet": ('(name: "a")', "(or: [1, 2])", "(or: 1, name: null)", '(name: "a", or: [1])'),
}
_OTHER_RULES: Final = [
    rule for rule in specified_rules if rule is not OverlappingFieldsCanBeMergedRule
]
_DOCUMENTS: Final = 800
_AS_MANY: Final = 1_000_000


class _Generator:
    """Generates documents that are valid, but for what is merged."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._fragments: list[tuple[str, str]] = []

    def document(self) -> str:
        """Return a document, without the fragments that its operation does not reach."""
        texts: dict[str, str] = {}
        for index in range(self._chance.randrange(4)):
            type_ = self._chance.choice(("Query", "Pet", "Dog", "Cat", "Any"))
            texts[f"F{index}"] = self._selections(type_, 3)
            self._fragments.append((f"F{index}", type_))
        text: str = self._selections("Query", 4)
        types = dict(self._fragments)
        reached = [text]
        for each in reached:
            found = [name for name in types if f"...{name} " in each and texts[name] not in reached]
            reached += [texts[name] for name in found]
        text += "".join(
            f"\nfragment {name} on {types[name]} {body}"
            for name, body in texts.items()
            if body in reached
        )
        if "$language" in text:
            text = f"query ($language: Language) {text}"
        return text

    def _selections(self, type_: str, depth: int) -> str:
        count = self._chance.randint(1, 4)
        return "{ " + " ".join(self._selection(type_, depth) for _ in range(count)) + " }"

    def _selection(self, type_: str, depth: int) -> str:
        kind = self._chance.randrange(10)
        if kind < 2 and depth:
            condition = self._chance.choice(_OVERLAPPING[type_])
            return f"... on {condition} {self._selections(condition, depth - 1)}"
        fragments = [name for name, on in self._fragments if on in _OVERLAPPING[type_]]
        if kind < 4 and fragments:
            return f"...{self._chance.choice(fragments)}"
        return self._field(type_, depth)

    def _field(self, type_: str, depth: int) -> str:
        alias = self._chance.choice(("", "", "x: ", "y: ", "name: "))
        fields: dict[str, GraphQLField] = getattr(_SCHEMA.get_type(type_), "fields", {})
        leaves = [name for name, each in fields.items() if is_leaf_type(get_named_type(each.type))]
        name: str = self._chance.choice(["__typename", *leaves, *(fields if depth else ())])
        if name == "__typename":
            return alias + name
        arguments = self._chance.choice(_ARGUMENTS.get(name, ("",)))
        below = get_named_type(fields[name].type)
        many = name in {"pets", "friends"} and not self._chance.randrange(6)
        stream = self._chance.choice((" @stream", " @stream(initialCount: 1)")) if many else ""
        selections = "" if is_leaf_type(below) else self._selections(below.name, depth - 1)
        return f"{alias}{name}{arguments}{stream} {selections}"


def _conflicts(text: str, most: int = _AS_MANY) -> list[GraphQLError]:
    return list(find_conflicts(_SCHEMA, parse(text), most))


def _words(messages: set[str]) -> list[list[str]]:
    """Return the words of each message: which of two fields comes first may differ."""
    return [sorted(message.split()) for message in messages]


def test_same_documents_are_valid_as_for_graphql_core(count: Count) -> None:
    """Documents are valid for both or for neither; where there is one error, it is the same."""
    judged = invalid = same = 0
    for seed in range(_DOCUMENTS):
        text = _Generator(seed).document()
        document = parse(text)
        if validate(_SCHEMA, document, _OTHER_RULES):
            continue
        judged += 1
        theirs = {
            error.message
            for error in validate(_SCHEMA, document, [OverlappingFieldsCanBeMergedRule])
        }
        ours = {error.message for error in _conflicts(text)}
        assert bool(ours) == bool(theirs), text
        invalid += bool(theirs)
        if len(theirs) == 1 and " and subfields" not in str(theirs):
            same += 1
            assert _words(ours) == _words(theirs), text

    count("merged fields: documents judged", judged)
    count("merged fields: documents with conflicts", invalid)
    assert judged > 600
    assert same > 20


@pytest.mark.parametrize(
    "text",
    [
        "{ dog { x: name x: age } }",
        "{ dog { name(in: {level: 1}) name(in: {level: 2}) } }",
        "{ any { ... on Dog { size } ... on Cat { size } } }",
        "{ any { ... on Dog { toys } ... on Cat { toys } } }",
        "{ dog { owner { x: age } owner { x: size } } }",
        "{ any { ... on Dog { owner { size } } ... on Cat { owner { size } } } }",
        "{ dog { friends @stream { name } friends { name } } }",
        "{ dog { friends @stream { name } friends @stream { name } } }",
        "{ dog { ...F ...G } } fragment F on Dog { x: age } fragment G on Pet { x: name }",
        "{ pet { ... on Dog { x: friend { name } } ... on Pet { x: friends { name } } } }",
    ],
)
def test_error_is_graphql_core_s(text: str) -> None:
    """The message says which fields conflict and why; the locations are those of the fields."""
    (theirs,) = validate(_SCHEMA, parse(text), [OverlappingFieldsCanBeMergedRule])
    (ours,) = _conflicts(text)

    assert ours.message == theirs.message
    assert ours.locations == theirs.locations


def test_long_names_are_shortened() -> None:
    """A message does not repeat a name of thousands of letters."""
    (error,) = _conflicts("{ dog { %s: name %s: age } }" % (("a" * 5_000,) * 2))

    assert len(error.message) < 500
    assert "aaa...'" in error.message


BOMBS: Final = {
    "duplicates": "{ dog { " + "owner { age } " * 1_200 + "} }",
    "nested duplicates": "{ dog { " + "owner { owner { age } } " * 700 + "} }",
    "fragments": "{ dog { "
    + " ".join(f"...F{index}" for index in range(300))
    + " } }"
    + "".join(f" fragment F{index} on Dog {{ owner {{ age }} }}" for index in range(300)),
    "inline fragments": "{ pet { " + "... on Dog { owner { age } } " * 450 + "} }",
    "object types": "{ pet { " + "... on Dog { age } ... on Cat { x: age } " * 300 + "} }",
}


@pytest.mark.parametrize("name", BOMBS)
def test_time_is_linear(name: str) -> None:
    """What graphql-core's rule compares pair by pair takes a few comparisons for each field."""
    document = parse(BOMBS[name])
    size = BOMBS[name].count("{") + BOMBS[name].count("age")

    started = time.process_time()
    conflicts = list(find_conflicts(_SCHEMA, document, 10 * size))
    took = time.process_time() - started

    assert conflicts == []
    assert took < 0.2


def test_comparisons_are_limited() -> None:
    """Over the limit, the document is refused with the limit in the message."""
    with pytest.raises(QueryTooComplex, match="more than the 100 selections"):
        _conflicts(BOMBS["duplicates"], most=100)
