"""A1: small documents that stand for an exponential amount of work."""

from collections.abc import Iterator
from typing import Final

from benchmarks.processes import compact_json
from benchmarks.siege.attack import Answer, Attack, Outcome, Victim
from benchmarks.siege.client import connected, graphql, read_until, sending
from benchmarks.siege.documents import ROOT, doubled, linked, linked_fragments
from benchmarks.siege.websocket import TEXT, frame, open_websocket

_ARN: Final = "arn:aws:sagemaker:eu-west-1:123456789012:processing-job/"
_SAME_LINK: Final = tuple(
    (2, f"{alias}: monitoringExecution {{ processingJob {{ %s }} }}") for alias in "abcd"
)
_TYPES: Final = ("ProcessingJob", "TrainingJob", "AutoMLJob", "MonitoringSchedule")


def _below_lists() -> str:
    """Return fragments below lists and their nodes, which are no link of one job to another."""
    lists = "processingJobs(first: 1) { nodes { ...F0 } edges { node { ...F0 } } }"
    fields = " ".join(f"p{number}: {lists}" for number in range(20))
    return f"{{ {fields} }} {linked_fragments(15)}"


def _by_interface() -> str:
    """Return fragments on an interface, which are expanded for each type that implements it."""
    spreads = " ".join(f"... on {name} {{ ...F0 }}" for name in _TYPES[:1])
    ids = compact_json([f"{_ARN}job-{number}" for number in range(50)])
    fields = " ".join(f"n{n}: nodes(ids: {ids}) {{ id {spreads} }}" for n in range(5))
    return f"{{ {fields} }} {linked_fragments(15)}"


def _with_conditions() -> Iterator[bytes]:
    """Yield one document with variables that switch its fields in ever other ways."""
    names = [f"v{number}" for number in range(8)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: {ROOT} @include(if: ${name}) {{ ...F0 }}" for name in names)
    query = f"query Q({declared}) {{ {fields} }} {linked_fragments(9)}"
    for number in range(64):
        variables = {name: bool(number >> bit & 1) for bit, name in enumerate(names)}
        yield graphql(query, variables)


def _over_websocket(victim: Victim) -> Outcome:
    with connected(victim) as connection:
        open_websocket(connection)
        payload = {"query": linked(50)}
        message = {"type": "subscribe", "id": "1", "payload": payload}
        connection.sendall(frame(TEXT, compact_json(message).encode()))
        seen = read_until(connection, rb'"type":"(error|next|complete)"', victim.left)
    return Outcome([Answer(None, note="a message")] if seen else [], [] if seen else ["no message"])


ATTACKS: Final = (
    Attack("a1-links", "linked fragments, 1 root", sending(lambda: [graphql(linked())])),
    Attack("a1-roots", "the same, 50 roots", sending(lambda: [graphql(linked(50))])),
    Attack(
        "a1-shallow", "fewer levels, 50 roots", sending(lambda: [graphql(linked(50, deepest=9))])
    ),
    Attack(
        "a1-aliases",
        "one link under 4 aliases",
        sending(
            lambda: [graphql(f"{{ {ROOT} {{ ...F0 }} }} {linked_fragments(links=_SAME_LINK)}")]
        ),
    ),
    Attack("a1-spreads", "each fragment twice", sending(lambda: [graphql(doubled(30))])),
    Attack(
        "a1-leaf-spreads",
        "each fragment twice, with a link",
        sending(lambda: [graphql(doubled(30, "trainingJob { id }"))]),
    ),
    Attack("a1-lists", "below 20 lists", sending(lambda: [graphql(_below_lists())])),
    Attack("a1-nodes", "below `nodes`", sending(lambda: [graphql(_by_interface())])),
    Attack(
        "a1-distinct",
        "12 documents that differ by a name",
        sending(
            lambda: [graphql(linked(10, deepest=12, operation=f"query Q{n}")) for n in range(12)]
        ),
    ),
    Attack("a1-conditions", "64 sets of variables", sending(_with_conditions)),
    Attack(
        "a1-defer",
        "with @defer",
        sending(
            lambda: [
                graphql(
                    f"{{ {ROOT} {{ id ... @defer {{ ...F0 }} }} }} {linked_fragments()}",
                    headers={"Accept": "multipart/mixed; deferSpec=20220824"},
                )
            ]
        ),
    ),
    Attack(
        "a1-subscription",
        "in a subscription",
        sending(
            lambda: [
                graphql(
                    f"subscription {{ {ROOT} {{ ...F0 }} }} {linked_fragments()}",
                    headers={"Accept": "text/event-stream"},
                )
            ]
        ),
    ),
    Attack("a1-websocket", "over a WebSocket", _over_websocket),
)
