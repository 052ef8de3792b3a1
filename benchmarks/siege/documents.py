"""Texts of hostile documents."""

from collections.abc import Sequence
from typing import Final

from benchmarks.siege.neighbour import NAME

ROOT: Final = f'processingJob(name: "{NAME}")'
DEEPEST: Final = 17
"""The depth at which links end, so that what they select is within the limit on depth."""
LINKS: Final = (
    (2, "monitoringExecution { processingJob { %s } }"),
    (
        3,
        (
            "trainingJob { debugRuleEvaluationStatuses { ruleEvaluationJob { %s } } "
            "profilerRuleEvaluationStatuses { ruleEvaluationJob { %s } } }"
        ),
    ),
    (3, "monitoringSchedule { lastMonitoringExecutionSummary { processingJob { %s } } }"),
    (4, "autoMLJob { bestCandidate { candidateSteps { candidateStepJob { %s } } } }"),
)
"""Ways from a processing job to another, with the number of levels that each takes."""

Links = Sequence[tuple[int, str]]


def linked_fragments(deepest: int = DEEPEST, links: Links = LINKS) -> str:
    """Return a fragment for each depth, which spreads those below it once for each link."""
    reached = {0}
    texts: list[str] = []
    for depth in range(deepest + 1):
        # Validation refuses fragments that nothing spreads.
        if depth in reached:
            reached |= {depth + levels for levels, _ in links}
            body = _links(depth, deepest, links)
            texts.append(f"fragment F{depth} on ProcessingJob {{ id {body} }}")
    return " ".join(texts)


def _links(depth: int, deepest: int, links: Links) -> str:
    return " ".join(
        text.replace("%s", f"...F{depth + levels}")
        for levels, text in links
        if depth + levels <= deepest
    )


def linked(roots: int = 1, *, deepest: int = DEEPEST, operation: str = "query Q") -> str:
    """Return a document with `roots` root fields, below which fragments lead from job to job."""
    fields = " ".join(f"r{number}: {ROOT} {{ ...F0 }}" for number in range(roots))
    return f"{operation} {{ {fields} }} {linked_fragments(deepest)}"


def doubled(depth: int, leaf: str = "id") -> str:
    """Return fragments of which each spreads the next one twice, as in XML's billion laughs."""
    lines = [f"fragment L{depth} on ProcessingJob {{ {leaf} }}"]
    for n in range(depth):
        lines.append(f"fragment L{n} on ProcessingJob {{ ...L{n + 1} ...L{n + 1} }}")  # noqa: PERF401
    return f"{{ {ROOT} {{ ...L0 }} }} {' '.join(lines)}"


def aliased(count: int, field: str, prefix: str = "a") -> str:
    """Return a field under `count` aliases."""
    return " ".join(f"{prefix}{number}: {field}" for number in range(count))


def nested_introspection(depth: int, width: int = 1) -> str:
    """Return an introspection whose types lead to fields and back to types."""
    text = "name"
    for _ in range(depth):
        text = " ".join(f"w{n}: fields {{ name type {{ {text} }} }}" for n in range(width))
    return f"{{ __schema {{ types {{ {text} }} }} }}"
