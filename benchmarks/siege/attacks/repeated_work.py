"""A7: work that no limit prices: introspection, merge validation, messages of errors."""

from collections.abc import Iterator
from typing import Final

from benchmarks.siege.attack import Attack
from benchmarks.siege.client import graphql, sending
from benchmarks.siege.documents import ROOT, aliased, nested_introspection

_TYPE: Final = "kind name description ofType { kind name ofType { kind name } }"
_SCHEMA: Final = (
    "__schema { types { name description fields(includeDeprecated: true) { name description "
    f"args {{ name description type {{ {_TYPE} }} }} type {{ {_TYPE} }} }} "
    f"inputFields {{ name type {{ {_TYPE} }} }} enumValues {{ name description }} }} }}"
)


def _schemas(count: int = 45, rounds: int = 8) -> Iterator[bytes]:
    for number in range(rounds):
        yield graphql(f"{{ {aliased(count, '...S', f'r{number}x')} }}".replace("...S", _SHORT))


_SHORT: Final = "__schema { types { name fields { name } } }"


def _whole_schemas() -> Iterator[bytes]:
    fragment = f"fragment S on __Schema {{ {_SCHEMA.removeprefix('__schema {').rstrip()[:-1]} }}"
    for number in range(4):
        fields = aliased(45, "__schema { ...S }", f"s{number}x")
        yield graphql(f"{{ {fields} }} {fragment}")


def _types() -> Iterator[bytes]:
    for number in range(6):
        one = '__type(name: "ProcessingJob") { fields { name description type { name } } }'
        yield graphql(f"{{ {aliased(90, one, f't{number}x')} }}")


def _same_field(count: int) -> str:
    """Return fields that are equal and so must all be merged."""
    return f"{{ {ROOT} {{ {'id ' * count} }} }}"


def _same_roots(count: int) -> str:
    return "{ " + " ".join(f"{ROOT} {{ id trainingJob {{ id }} }}" for _ in range(count)) + " }"


def _same_nested(count: int, depth: int) -> str:
    """Return equal fields with selections of their own, at each depth."""
    text = "id"
    for _ in range(depth):
        text = f"monitoringExecution {{ processingJob {{ {text} }} }} " * count
    return f"{{ {ROOT} {{ {text} }} }}"


def _same_aliases(count: int) -> str:
    """Return fields of different types below equal aliases, in fragments on other types."""
    types = ("ProcessingJob", "TrainingJob", "TransformJob", "AutoMLJob")
    parts = " ".join(
        f"... on {types[number % 4]} {{ x: consoleUrl y: id }}" for number in range(count)
    )
    return f'{{ node(id: "bad") {{ {parts} }} }}'


def _spread_fragments(count: int) -> str:
    """Return fragments that spread each other in pairs, all selecting one field."""
    spreads = " ".join(f"...M{number}" for number in range(count))
    bodies = " ".join(
        f"fragment M{number} on ProcessingJob {{ trainingJob {{ id trainingJobName }} "
        f"{'...M' + str(number + 1) if number + 1 < count else ''} }}"
        for number in range(count)
    )
    return f"{{ {ROOT} {{ {spreads} }} }} {bodies}"


def _misspelt(count: int) -> str:
    """Return unknown names close to many known ones, for which suggestions are looked for."""
    fields = " ".join(f"processingJobNam{number}" for number in range(count))
    return f"{{ {ROOT} {{ {fields} }} }}"


def _arguments(count: int) -> str:
    arguments = ", ".join(f'name{number}: "x"' for number in range(count))
    return f"{{ processingJob({arguments}) {{ id }} }}"


def _unused(count: int) -> str:
    variables = ", ".join(f"$v{number}: ID" for number in range(count))
    fragments = " ".join(f"fragment U{n} on ProcessingJob {{ id }}" for n in range(count // 4))
    return f"query({variables}) {{ __typename }} {fragments}"


def _cycle(count: int) -> str:
    fragments = " ".join(
        f"fragment C{n} on ProcessingJob {{ ...C{(n + 1) % count} ...C{(n + 7) % count} }}"
        for n in range(count)
    )
    return f"{{ {ROOT} {{ ...C0 }} }} {fragments}"


def _one(key: str, title: str, query: str) -> Attack:
    return Attack(f"a7-{key}", title, sending(lambda: [graphql(query)]))


ATTACKS: Final = (
    Attack("a7-schema", "45 aliases of __schema, 8 documents", sending(_schemas)),
    Attack("a7-whole-schema", "45 whole schemas, 4 documents", sending(_whole_schemas)),
    Attack("a7-type", "90 aliases of __type, 6 documents", sending(_types)),
    _one("nested-schema", "types of fields of types", nested_introspection(5)),
    _one("wide-schema", "the same, twice at each level", nested_introspection(4, 2)),
    _one("merge-fields", "2,400 equal fields", _same_field(2_400)),
    _one("merge-roots", "250 equal root fields", _same_roots(250)),
    _one("merge-deep", "3 equal fields at 5 levels", _same_nested(3, 5)),
    _one("merge-wide", "20 equal fields at 2 levels", _same_nested(20, 2)),
    _one("merge-types", "equal aliases on other types", _same_aliases(450)),
    _one("merge-fragments", "150 fragments that overlap", _spread_fragments(150)),
    _one("misspelt", "1,500 unknown fields", _misspelt(1_500)),
    _one("arguments", "1,000 unknown arguments", _arguments(1_000)),
    _one("unused", "800 variables without use", _unused(800)),
    _one("cycle", "a cycle of 300 fragments", _cycle(300)),
)
