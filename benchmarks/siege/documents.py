"""Texts of hostile documents."""

from collections.abc import Sequence
from typing import Final

from benchmarks.siege.neighbour import NAME

ROOT: Final = f'processingJob(name: "{NAME}")'
LINKS: Final = (
    "monitoringExecution { processingJob { ...F%d } }",
    (
        "trainingJob { debugRuleEvaluationStatuses { ruleEvaluationJob { ...F%d } } "
        "profilerRuleEvaluationStatuses { ruleEvaluationJob { ...F%d } } }"
    ),
    "monitoringSchedule { lastMonitoringExecutionSummary { processingJob { ...F%d } } }",
    "autoMLJob { bestCandidate { candidateSteps { candidateStepJob { ...F%d } } } }",
)
"""Ways from a processing job to another; each ends in the fragment of the next depth."""


def linked_fragments(depth: int, links: Sequence[str] = LINKS, name: str = "F") -> str:
    """Return fragments that each spread the next one several times: 5 ** `depth` expanded."""
    lines = [f"fragment {name}{depth} on ProcessingJob {{ id }}"]
    for number in range(depth):
        body = " ".join(links).replace("F%d", f"{name}{number + 1}")
        lines.append(f"fragment {name}{number} on ProcessingJob {{ {body} }}")
    return " ".join(lines)


def linked(depth: int, roots: int = 1, *, operation: str = "query Q") -> str:
    """Return a document with `roots` root fields, below which fragments lead from job to job."""
    fields = " ".join(f"r{number}: {ROOT} {{ ...F0 }}" for number in range(roots))
    return f"{operation} {{ {fields} }} {linked_fragments(depth)}"


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


def overlapping(pairs: int, *, distinct: bool = False) -> str:
    """Return a valid document whose equal response keys must all be compared to be merged."""
    fields = [f"id {f'x{number}: id' if distinct else ''}" for number in range(pairs)]
    parts = " ".join(f"{ROOT} {{ {field} }}" for field in fields)
    return f"{{ {parts} }}"


def overlapping_fragments(count: int) -> str:
    """Return fragments that all select one field, spread next to each other at each level."""
    spreads = " ".join(f"...M{number}" for number in range(count))
    fragments = " ".join(
        f"fragment M{n} on ProcessingJob {{ trainingJob {{ id autoMLJob {{ id }} }} }}"
        for n in range(count)
    )
    return f"{{ {ROOT} {{ {spreads} }} }} {fragments}"
