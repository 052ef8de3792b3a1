"""A3: small requests whose responses are large."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

from benchmarks.siege.attack import Attack, Outcome, Victim
from benchmarks.siege.client import connected, graphql, sending
from benchmarks.siege.documents import ROOT

_LISTS: Final = 48
_LONG_ALIAS: Final = "a" * 90_000
_FIELDS: Final = (
    "id processingJobName processingJobArn processingJobStatus creationTime lastModifiedTime "
    "processingEndTime roleArn consoleUrl appSpecification { imageUri containerEntrypoint } "
    "environment { key value } processingInputs { inputName } tags { key value }"
)
_EVENTS: Final = {"Accept": "text/event-stream"}
_PARTS: Final = {"Accept": "multipart/mixed; deferSpec=20220824"}


def _lists(selection: str, count: int = _LISTS) -> str:
    return " ".join(
        f"l{number}: processingJobs(first: {100 - number}) {{ nodes {{ {selection} }} }}"
        for number in range(count)
    )


def _aliased_rows(field: str = "id", count: int = _LISTS) -> str:
    """Return a document whose response holds a long alias for each of some thousand rows."""
    return f"{{ {_lists('...R', count)} }} fragment R on ProcessingJob {{ {_LONG_ALIAS}: {field} }}"


def _unread(
    query: str, count: int, headers: dict[str, str] | None = None
) -> Callable[[Victim], Outcome]:
    """Return an attack of clients that ask and do not read."""

    def run(victim: Victim) -> Outcome:
        with ExitStack() as stack:
            for _ in range(count):
                connection = stack.enter_context(connected(victim, receive_buffer=4_096))
                connection.sendall(graphql(query, headers=headers))
            time.sleep(min(8.0, victim.left / 2))
        return Outcome(figures=[f"{count} unread"])

    return run


def _quoted_in_errors() -> str:
    long = "x" * 90_000
    fields = " ".join(f"n{number}: node(id: $id) {{ id }}" for number in range(50))
    return graphql_text(f"query($id: ID!) {{ {fields} }}", long)


def graphql_text(query: str, value: str) -> str:
    """Return a query whose variable has a default of this value."""
    return query.replace("$id: ID!", f'$id: ID! = "{value}"', 1)


_SSE_ALIAS: Final = f"subscription {{ {ROOT} {{ {'b' * 80_000}: id }} }}"

ATTACKS: Final = (
    Attack(
        "a3-alias",
        "90 kB alias, 100 rows of 48 lists",
        sending(lambda: [graphql(_aliased_rows())]),
    ),
    Attack(
        "a3-typename",
        "the same alias of __typename",
        sending(lambda: [graphql(_aliased_rows("__typename"))]),
    ),
    Attack(
        "a3-null",
        "the same alias of a field that is null",
        sending(lambda: [graphql(_aliased_rows("failureReason"))]),
    ),
    Attack(
        "a3-interpreted",
        "the same, with @defer",
        sending(
            lambda: [
                graphql(
                    f"{{ {_lists('...R @defer')} }} "
                    f"fragment R on ProcessingJob {{ {_LONG_ALIAS}: id }}",
                    headers=_PARTS,
                )
            ]
        ),
    ),
    Attack("a3-unread", "5 of them, not read", _unread(_aliased_rows(), 5)),
    Attack(
        "a3-unread-small",
        "40 answers of 1 MB, not read",
        _unread(_aliased_rows(count=1).replace("first: 100", "first: 10"), 40),
    ),
    Attack(
        "a3-rows",
        "many fields, 100 rows of 48 lists",
        sending(
            lambda: [graphql(f"{{ {_lists('...R')} }} fragment R on ProcessingJob {{ {_FIELDS} }}")]
        ),
        seconds=60,
    ),
    Attack(
        "a3-quoted",
        "a long id quoted in 50 errors",
        sending(lambda: [graphql(_quoted_in_errors())]),
    ),
    Attack(
        "a3-quoted-100",
        "a long id quoted for each of 100 nodes",
        sending(
            lambda: [
                graphql(
                    "query($ids: [ID!]!) { "
                    + " ".join(f"n{n}: nodes(ids: $ids) {{ id }}" for n in range(50))
                    + " }",
                    {"ids": ["y" * 900 + str(each) for each in range(100)]},
                )
            ]
        ),
    ),
    Attack(
        "a3-unknown-field",
        "a long unknown field, 40 times",
        sending(
            lambda: [
                graphql(
                    "{ " + " ".join(f"f{n}: {ROOT} {{ {'z' * 2_200} }}" for n in range(40)) + " }"
                )
            ]
        ),
    ),
    Attack(
        "a3-operation-name",
        "a long operationName",
        sending(lambda: [graphql("query A { __typename }", operationName="o" * 90_000)]),
    ),
    Attack(
        "a3-variable",
        "a long value of the wrong type",
        sending(
            lambda: [
                graphql(
                    "query($first: Int) { processingJobs(first: $first) { nodes { id } } }",
                    {"first": ["v" * 900] * 90},
                )
            ]
        ),
    ),
    Attack("a3-events", "events with a long alias, not read", _unread(_SSE_ALIAS, 40, _EVENTS)),
)
