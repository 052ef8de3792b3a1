"""Limits on the form of an operation, wherever fragments try to hide it."""

import time

import pytest
from graphql import parse

from gateway.execution.errors import QueryTooComplex
from gateway.execution.limits import check_limits
from gateway.schema.schema import CORE_SCHEMA
from gateway.settings import LimitSettings

LIMITS = ("depth", "aliases", "root_fields", "directives", "selections", "list_items")
ROOMY = dict.fromkeys(LIMITS, 1000)


def passes(text: str, **limits: int) -> bool:
    """Tell whether an operation is within these limits."""
    try:
        check_limits(
            CORE_SCHEMA,
            parse(text),
            LimitSettings(**{f"max_{name}": value for name, value in (ROOMY | limits).items()}),
        )
    except QueryTooComplex:
        return False
    return True


CASES = {
    "depth": [
        ("{ a { b { c } } }", 3),
        ("{ a { ... { b { ... on B { c } } } } }", 3),
        ("{ ...F } fragment F on Query { a { ...G } } fragment G on A { b { c } }", 3),
        ("{ a x: a { b } ...F } fragment F on Query { a { b { c } } }", 3),
        ("query A { a } query B { a { b { c } } }", 3),
    ],
    "aliases": [
        ("{ x: a y: b c }", 2),
        ("{ a { x: b } y: c }", 2),
        ("{ a { ...F } b { ...F } } fragment F on A { x: c }", 2),
        ("{ ...F ...F } fragment F on Query { ...G } fragment G on Query { x: c }", 2),
    ],
    "root_fields": [
        ("{ a b c }", 3),
        ("{ a { x y z w } b c }", 3),
        ("{ a ... { b } ...F } fragment F on Query { c }", 3),
        ("{ ...F a ...F } fragment F on Query { c }", 3),
    ],
    "directives": [
        ("{ a @d @d b @d }", 3),
        ("{ a { b @d ... @d { c @d } } }", 3),
        ("{ ...F @d ...F } fragment F on Query { a @d }", 3),
        ("query ($v: Int @d) @d { a @d }", 3),
        ("{ ...F } fragment F on Query @d { a @d }", 2),
    ],
    "selections": [
        ("{ a b }", 3),
        ("query A { a } query B { a b }", 5),
        ("{ processingJob { a b } }", 4),
        (
            "{ processingJob { ...F ...F } } fragment F on ProcessingJob { id trainingJob { id } }",
            10,
        ),
        ("{ node { id } }", 2 + 6),
        ("{ node { id ... on TrainingJob { id tags { key } } } }", 2 + 6 + 6 + 3),
        ("{ node { ...F ...F } } fragment F on Node { id }", 2 + 6 * 4),
        ("{ processingJob { ... on TrainingJob { id id id } } }", 3),
        ("{ processingJob(a: $v, b: [$v, {c: $v}], d: 1) { id @skip(if: $v) } }", 3 + 4),
        ("subscription { processingJob { id } }", 3),
    ],
    "list_items": [
        ("{ a(b: [1, 2, 3]) }", 3),
        ("{ a(b: {c: 1, d: 2, e: 3}) }", 3),
        ("{ a(b: [{c: [[1, 2, 3]]}]) }", 3),
        ("{ a @d(b: [1, 2, 3]) }", 3),
        ("query ($v: [Int] = [1, 2, 3]) { a }", 3),
        ("query ($v: Int @d(b: [1, 2, 3])) { a }", 3),
        ("query @d(b: [1, 2, 3]) { a }", 3),
        ("{ ...F @d(b: [1, 2, 3]) } fragment F on Query { a }", 3),
        ("{ a } fragment F on Query @d(b: [1, 2, 3]) { a }", 3),
    ],
}


@pytest.mark.parametrize(
    ("limit", "text", "size"),
    [(limit, text, size) for limit, cases in CASES.items() for text, size in cases],
)
def test_limit_holds_to_the_unit(limit: str, text: str, size: int) -> None:
    """An operation passes at its own size and is refused one below, fragments counted in full."""
    assert passes(text, **{limit: size})
    assert not passes(text, **{limit: size - 1})


def test_message_has_both_figures() -> None:
    """The refusal says what there is and what is allowed."""
    with pytest.raises(QueryTooComplex, match=r"3 .* 2 allowed"):
        check_limits(CORE_SCHEMA, parse("{ a { b { c } } }"), LimitSettings(max_depth=2))


def test_fragments_that_double_are_measured_fast() -> None:
    """A document whose fragments spread each other twice is refused without being unrolled."""
    fragments = [
        f"fragment F{number} on A {{ ...F{number + 1} ...F{number + 1} }}" for number in range(60)
    ]
    text = "{ ...F0 } " + " ".join(fragments) + " fragment F60 on A { x: a }"

    assert not passes(text, aliases=900_000)


def test_links_are_counted_and_not_followed() -> None:
    """Fragments that lead to each other by four links each are refused as fast as they are read."""
    started = time.process_time()
    with pytest.raises(QueryTooComplex, match="more than the 10000 selections"):
        check_limits(CORE_SCHEMA, parse(_links(6)), LimitSettings(max_depth=100))

    assert time.process_time() - started < 0.2


def _links(depth: int) -> str:
    steps = " ".join(
        f"fragment F{level} on ProcessingJob {{ trainingJob {{ "
        f"debugRuleEvaluationStatuses {{ ruleEvaluationJob {{ ...F{level + 1} }} }} "
        f"profilerRuleEvaluationStatuses {{ ruleEvaluationJob {{ ...F{level + 1} }} }} }} "
        f"monitoringSchedule {{ lastMonitoringExecutionSummary {{ processingJob {{ "
        f"...F{level + 1} }} }} }} autoMLJob {{ bestCandidate {{ candidateSteps {{ "
        f"candidateStepJob {{ ...F{level + 1} }} }} }} }} }}"
        for level in range(depth)
    )
    last = f"fragment F{depth} on ProcessingJob {{ id }}"
    return f'{{ processingJob(name: "a") {{ ...F0 }} }} {steps} {last}'


def test_nesting_is_limited() -> None:
    """Fragments within fragments end where Python's stack is still deep enough to read them."""
    inline = "{ " + "... { " * 98 + "a " + "} " * 99
    spread = "{ ...F0 }" + " ".join(
        f"fragment F{index} on Query {{ ...F{index + 1} }}" for index in range(98)
    )

    assert passes(inline)
    assert not passes("{ ... { ...F } } fragment F on Query " + inline)
    assert passes(f"{spread} fragment F98 on Query {{ a }}")
    assert not passes(f"{spread} fragment F98 on Query {{ ... {{ a }} }}")
    assert not passes(f"{spread[9:]} fragment F98 on Query {{ ... {{ ... {{ a }} }} }}")


@pytest.mark.parametrize(
    "text",
    [
        "{ ...F } fragment F on Query { a { ...F } }",
        "{ ...F } fragment F on Query { ...G } fragment G on Query { ...F }",
        "{ ...Missing }",
        "fragment F on Query { a }",
        "type A { a: Int }",
    ],
)
def test_invalid_documents_end(text: str) -> None:
    """Documents that validation will refuse are measured to an end here."""
    assert passes(text)
