"""Run the differential test for minutes: `python -m tests.execution.differential --minutes 10`."""

import argparse
import asyncio
import time

from hypothesis import HealthCheck, given, seed, settings

from .comparison import Tally, compare
from .strategies import Example, examples


def main() -> None:
    """Compare generated operations until the time is up, then say how many they were."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    end = time.monotonic() + options.minutes * 60
    tally = Tally()
    number = options.seed
    while time.monotonic() < end:
        _compare(number, end, tally)
        number += 1
    print(f"seed {options.seed}\n{tally}")  # noqa: T201  # its purpose


def _compare(number: int, end: float, tally: Tally) -> None:
    @seed(number)
    @settings(
        max_examples=100,
        deadline=None,
        database=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(examples())
    def both(example: Example) -> None:
        if time.monotonic() < end:
            asyncio.run(compare(example.scenario, example.requests, tally))

    both()


if __name__ == "__main__":
    main()
