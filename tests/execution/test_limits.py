"""Limits on the form of an operation, wherever fragments try to hide it."""

import pytest
from graphql import parse

from gateway.execution.errors import QueryTooComplex
from gateway.execution.limits import check_limits
from gateway.settings import LimitSettings

ROOMY = dict.fromkeys(("depth", "aliases", "root_fields", "directives"), 1000)


def passes(text: str, **limits: int) -> bool:
    """Tell whether an operation is within these limits."""
    try:
        check_limits(
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
        check_limits(parse("{ a { b { c } } }"), LimitSettings(max_depth=2))


def test_fragments_that_double_are_measured_fast() -> None:
    """A document whose fragments spread each other twice is refused without being unrolled."""
    fragments = [
        f"fragment F{number} on A {{ ...F{number + 1} ...F{number + 1} }}" for number in range(60)
    ]
    text = "{ ...F0 } " + " ".join(fragments) + " fragment F60 on A { x: a }"

    assert not passes(text, aliases=1_000_000)


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
