"""Faults: read from JSON, decided per call."""

import re
from collections import Counter
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from gateway.twin.faults import FaultError, FaultInjector, Faults, Outcome, camel

OPERATION = "DescribeTrainingJob"


class Seconds:
    """A monotonic clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        """Return the seconds."""
        return self.now


def injector(**faults: Any) -> FaultInjector:
    """Return a injector with these faults on."""
    made = FaultInjector(7, Seconds())
    made.set(Faults.parse(faults))
    return made


def test_without_faults_every_call_is_answered() -> None:
    """Nothing is on unless it is switched on."""
    assert injector().decide(OPERATION) == (Outcome.ANSWER, 0.0)
    assert Faults.parse({}).to_json() == {}


def test_parsed_faults_are_shown() -> None:
    """The faults that are on are shown as they were given."""
    given = {
        "latencyMs": 50,
        "callsPerSecond": 10,
        "errorRate": 0.1,
        "hangRate": 0.2,
        "malformedRate": 0.3,
        "resetRate": 0.4,
        "operations": ["DescribeProcessingJob", "DescribeTrainingJob"],
        "errorCode": "AccessDeniedException",
        "emptyPages": False,
        "pageSize": 5,
        "searchLagSeconds": 3,
    }

    assert Faults.parse(given).to_json() == given
    assert Faults.parse(dict.fromkeys(given)).to_json() == {}


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ([], "must be a JSON object"),
        ({"latency": 5}, "unknown fault 'latency'; known are latencyMs"),
        ({"latencyMs": -1}, "'latencyMs' must be a number from 0 to 600000, not -1"),
        ({"latencyMs": "5"}, "'latencyMs' must be a number"),
        ({"latencyMs": float("nan")}, "'latencyMs' must be a number"),
        ({"errorRate": 1.1}, "'errorRate' must be a number from 0 to 1, not 1.1"),
        ({"hangRate": True}, "'hangRate' must be a number"),
        ({"callsPerSecond": 0}, "'callsPerSecond' must be a number from 0.001"),
        ({"errorCode": "No code"}, "'errorCode' must be an error code"),
        ({"operations": "DescribeTrainingJob"}, "'operations' must be a list"),
        ({"operations": [1]}, "'operations' must be a list"),
        ({"emptyPages": 1}, "'emptyPages' must be true or false"),
        ({"pageSize": 1.5}, "'pageSize' must be a whole number"),
    ],
)
def test_nonsense_is_refused(faults: Any, words: str) -> None:
    """Faults that make no sense are refused with the name and the reason."""
    with pytest.raises(FaultError, match=words.replace("(", r"\(")):
        Faults.parse(faults)


def test_latency_delays_the_chosen_operations() -> None:
    """Only the operations named are delayed."""
    slow = injector(latencyMs=50, operations=[OPERATION])

    assert slow.decide(OPERATION) == (Outcome.ANSWER, 0.05)
    assert slow.decide("DescribeProcessingJob") == (Outcome.ANSWER, 0.0)


@pytest.mark.parametrize(
    ("switch", "outcome"),
    [
        ("errorRate", Outcome.ERROR),
        ("hangRate", Outcome.HANG),
        ("malformedRate", Outcome.MALFORM),
        ("resetRate", Outcome.RESET),
    ],
)
def test_rates_hold_and_repeatable(switch: str, outcome: Outcome) -> None:
    """About the asked-for share of calls is hit, the same ones after each switching on."""
    broken = injector(**{switch: 0.25})
    first = [broken.decide(OPERATION).outcome for _ in range(400)]
    broken.set(broken.faults)
    second = [broken.decide(OPERATION).outcome for _ in range(400)]

    assert first == second
    assert 70 < Counter(first)[outcome] < 130
    assert {injector(**{switch: 1}).decide(OPERATION).outcome for _ in range(20)} == {outcome}


def test_token_bucket_throttles_and_refills() -> None:
    """A second's worth of calls passes at once, then as many as time gives back."""
    clock = Seconds()
    bucket = FaultInjector(7, clock)
    bucket.set(Faults.parse({"callsPerSecond": 4}))

    def burst() -> int:
        outcomes = [bucket.decide(OPERATION).outcome for _ in range(10)]
        return outcomes.count(Outcome.ANSWER)

    assert burst() == 4
    assert burst() == 0
    clock.now += 0.5
    assert burst() == 2
    clock.now += 60
    assert burst() == 4


def test_slow_buckets_let_a_call_through() -> None:
    """Less than one call per second is possible."""
    clock = Seconds()
    bucket = FaultInjector(7, clock)
    bucket.set(Faults.parse({"callsPerSecond": 0.5}))
    outcomes = []
    for _ in range(3):
        outcomes.append(bucket.decide(OPERATION).outcome)
        clock.now += 1

    assert outcomes == [Outcome.ANSWER, Outcome.THROTTLE, Outcome.ANSWER]


def test_documentation_has_all_faults() -> None:
    """The page about the twin describes each fault, and no other."""
    page = (Path(__file__).parents[2] / "docs" / "twin.md").read_text().partition("| fault |")[2]
    described = re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)

    assert described
    assert set(described) == {camel(field.name) for field in fields(Faults)}
