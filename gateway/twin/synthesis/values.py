"""Plausible values for single members, by the name of their shape or of the member."""

from collections.abc import Callable
from typing import Any

from gateway.twin.model import matches
from gateway.twin.seeded_random import Subject
from gateway.twin.synthesis.value_tables import MAP_KEYS, TEXTS, VALUES_BY_KEY

# Numbers by member name: lowest and highest value that looks right.
RANGES: dict[str, tuple[int, int]] = {
    "BillableTokenCount": (3_000_000_000, 9_000_000_000),
    "CurrentEpoch": (0, 2),
    "CurrentStep": (1, 900),
    "ForecastHorizon": (7, 60),
    "InstanceCount": (1, 4),
    "KeepAlivePeriodInSeconds": (600, 3600),
    "MaxCandidates": (10, 250),
    "MaxEpoch": (3, 5),
    "MaxPendingTimeInSeconds": (7200, 86_400),
    "MaxRuntimeInSeconds": (3600, 86_400),
    "MaxWaitTimeInSeconds": (86_400, 172_800),
    "MaximumRetryAttempts": (1, 5),
    "MaxAutoMLJobRuntimeInSeconds": (14_400, 86_400),
    "MaxRuntimePerTrainingJobInSeconds": (600, 7200),
    "ProfilingIntervalInMilliseconds": (100, 1000),
    "ResourceRetainedBillableTimeInSeconds": (60, 3000),
    "Seed": (1_000_000_000_000, 9_000_000_000_000),
    "SelectedInstanceCount": (1, 4),
    "TotalStepCountPerEpoch": (900, 5000),
    "VolumeSizeInGB": (20, 500),
}
FALLBACKS: tuple[Callable[[Subject, str], str], ...] = (
    lambda subject, path: path.rpartition(".")[2].lower(),
    lambda subject, path: subject.account.arn("resource", subject.choices.hex(path, 12)),
    lambda subject, path: subject.account.s3(f"{subject.name}/{path.rpartition('.')[2].lower()}"),
    lambda subject, path: str(subject.choices.between(path, 1, 9)),
    lambda subject, path: subject.choices.hex(path, 8),
)


def number_for(subject: Subject, shape: Any, path: str) -> int | float:
    """Return a number inside the shape's limits."""
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if shape.type_name in ("float", "double"):
        return round(0.05 + subject.choices.fraction(path, 3) * 0.9, 4)
    lowest, highest = RANGES.get(path.rpartition(".")[2], (1, 100))
    lowest = lowest if low is None else max(lowest, int(low))
    highest = highest if high is None else min(highest, int(high))
    number = subject.choices.between(path, lowest, max(lowest, highest))
    # People give whole minutes, not 23,945 seconds.
    return number - number % 300 if path.endswith("InSeconds") and number > lowest + 300 else number


def text_for(subject: Subject, shape: Any, path: str, at: int) -> str:
    """Return a string that obeys the shape's pattern and length."""
    parent, _, member = path.rpartition(".")
    by_key = VALUES_BY_KEY.get(member)
    if by_key is not None and fits(shape, by_key):
        return by_key
    maker = TEXTS.get(f"{parent.rpartition('.')[2]}.{member}")
    maker = maker or TEXTS.get(member) or TEXTS.get(shape.name)
    if maker is not None and fits(shape, text := maker(subject, at)):
        return text
    for fallback in FALLBACKS:
        if fits(shape, text := fallback(subject, path)):
            return text
    raise ValueError(f"no value known for {shape.name} at {path}: {shape.metadata}")


def map_keys(subject: Subject, shape: Any, path: str) -> list[str]:
    """Return keys for a map, by its shape's name."""
    keys = MAP_KEYS.get(shape.name)
    if keys is None:
        return ["first", "second", "third"]
    start = subject.choices.number(path, len(keys))
    return [*keys[start:], *keys[:start]]


def fits(shape: Any, text: str) -> bool:
    """Whether a string is allowed by the shape."""
    low, high = shape.metadata.get("min") or 0, shape.metadata.get("max") or 1 << 20
    pattern = shape.metadata.get("pattern")
    return low <= len(text) <= high and (not pattern or matches(pattern, text))
