"""A2 and A4: stores that hostile content fills, and documents that never repeat."""

import hashlib
from collections.abc import Callable, Iterator
from typing import Final

from benchmarks.load.closed_loop import NUMBER, python_load
from benchmarks.siege.attack import Answer, Attack, Outcome, Victim
from benchmarks.siege.client import ask_each, graphql
from benchmarks.siege.documents import ROOT
from benchmarks.siege.neighbour import NAME
from benchmarks.workloads import by_connection, document

_P99_LIMIT: Final = 60.0
_SECONDS: Final = 40.0
_NEW_PAGE: Final = by_connection(
    document("w6").replace("processingJobs(", f"new{NUMBER}: processingJobs(")
)
"""A page of jobs, in a document that was never sent before."""


def _fill(requests: Callable[[], Iterator[bytes]]) -> Callable[[Victim], Outcome]:
    """Return an attack that sends requests and reports how many, and each kind of answer once."""

    def run(victim: Victim) -> Outcome:
        answers = ask_each(victim, requests())
        kinds = {(each.status, each.codes): each for each in answers}
        return Outcome(list(kinds.values()), figures=[f"{len(answers)} requests"])

    return run


def _long_documents() -> Iterator[bytes]:
    for number in range(1_700):
        yield graphql(f'query Q{number} {{ node(id: "bad") {{ {"id " * 2_300} }} }}')


def _short_documents() -> Iterator[bytes]:
    for number in range(16_000):
        yield graphql(f'query Q{number} {{ node(id: "bad") {{ {"id " * 90} }} }}')


def _invalid_documents() -> Iterator[bytes]:
    for number in range(2_000):
        fields = " ".join(f"nothing{number}x{each}" for each in range(300))
        yield graphql(f"{{ {ROOT} {{ {fields} }} }}")


def _unparsable_documents() -> Iterator[bytes]:
    for number in range(2_000):
        yield graphql(f"{{ {'{ a ' * 400} {number}")


def _variables() -> Iterator[bytes]:
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    for number in range(1_500):
        yield graphql(query, {"ids": [f"{number}-{each}" + "x" * 400 for each in range(100)]})


def _small_variables() -> Iterator[bytes]:
    query = "query($name: String!) { processingJob(name: $name) { id } }"
    for number in range(12_000):
        yield graphql(query, {"name": NAME}, extensions={"n": number})


def _wide_characters() -> Iterator[bytes]:
    for number in range(600):
        yield graphql(f'query Q{number} {{ node(id: "{chr(0x1F600) * 20_000}") {{ id }} }}')


def _block_strings() -> Iterator[bytes]:
    for number in range(1_000):
        lines = "\\n   x" * 4_000
        yield graphql(f'query Q{number} {{ node(id: """{lines}""") {{ id }} }}')


def _lists_of_literals() -> Iterator[bytes]:
    ids = '"",' * 4_900
    for number in range(1_500):
        yield graphql(f"query Q{number} {{ nodes(ids: [{ids}]) {{ id }} }}")


def _operations() -> Iterator[bytes]:
    operations = " ".join(f"query Q{number} {{ {ROOT} {{ id }} }}" for number in range(400))
    for number in range(4_000):
        text = f"{operations} query R{number // 400} {{ __typename }}"
        yield graphql(text, operationName=f"Q{number % 400}")


def _registered_documents() -> Iterator[bytes]:
    for number in range(2_000):
        query = f'query Q{number} {{ node(id: "bad") {{ {"id " * 1_500} }} }}'
        sha = hashlib.sha256(query.encode()).hexdigest()
        yield graphql(query, extensions={"persistedQuery": {"version": 1, "sha256Hash": sha}})


def _missing_jobs() -> Iterator[bytes]:
    for number in range(400):
        names = [f"{number}-{each}-{'x' * 40}" for each in range(50)]
        fields = " ".join(
            f'a{n}: trainingJob(name: "{name}") {{ id }}' for n, name in enumerate(names)
        )
        yield graphql(f"{{ {fields} }}")


def _pages() -> Iterator[bytes]:
    query = (
        "query($first: Int, $filter: ProcessingJobFilter) "
        "{ processingJobs(first: $first, filter: $filter) { nodes { id processingJobStatus } } }"
    )
    for number in range(1_500):
        yield graphql(query, {"first": 1 + number % 100, "filter": {"nameContains": f"a{number}"}})


def _selections() -> Iterator[bytes]:
    for number in range(3_000):
        text = "nodes { " + " ".join(f"a{number}x{each}: roleArn" for each in range(60)) + " }"
        yield graphql(f"{{ processingJobs(first: 100) {{ {text} }} }}")


def _never_repeating(victim: Victim) -> Outcome:
    """Ask for a page in documents that never repeat, over 32 connections."""
    python_load(victim.port, "/graphql", [_NEW_PAGE], 2)
    before = victim.process.usage()
    result = python_load(victim.port, "/graphql", [_NEW_PAGE], 8)
    had = victim.process.usage().since(before)
    # With a core to itself, the gateway would have been faster by the time in which it waited.
    share = had.running / (had.running + had.waiting)
    p99 = result.p99 * 1e3
    figures = [f"{result.rate:.0f}/s", f"p99 {p99:.0f} ms", f"{p99 * share:.0f} of its own"]
    faults = [f"p99 > {_P99_LIMIT:g} ms"] if p99 * share > _P99_LIMIT else []
    return Outcome([Answer(200)], faults, figures)


def _store(key: str, title: str, requests: Callable[[], Iterator[bytes]]) -> Attack:
    return Attack(f"a2-{key}", title, _fill(requests), seconds=_SECONDS, small_stores=True)


ATTACKS: Final = (
    _store("long", "1,700 documents of 7 kB", _long_documents),
    _store("short", "16,000 documents of 300 bytes", _short_documents),
    _store("invalid", "2,000 invalid documents", _invalid_documents),
    _store("unparsable", "2,000 that cannot be parsed", _unparsable_documents),
    _store("variables", "1,500 sets of variables of 40 kB", _variables),
    _store("extensions", "12,000 small bodies", _small_variables),
    _store("wide", "characters of 4 bytes", _wide_characters),
    _store("block-strings", "block strings", _block_strings),
    _store("literals", "lists of 4,900 literals", _lists_of_literals),
    _store("operations", "400 operations in one document", _operations),
    _store("registered", "2,000 persisted documents", _registered_documents),
    _store("missing", "20,000 jobs that do not exist", _missing_jobs),
    _store("pages", "1,500 pages of lists", _pages),
    _store("selections", "3,000 selections of 100 jobs", _selections),
    Attack("a4-new", "W6, never repeating, 32 connections", _never_repeating, seconds=40),
)
