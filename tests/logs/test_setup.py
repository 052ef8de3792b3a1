"""Levels: the gateway's own, and those of libraries."""

import logging
from collections.abc import Iterator

import pytest

from gateway.logs.background import BackgroundHandler
from gateway.logs.setup import count_dropped_lines, set_up


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Undo what is set up."""
    root, ours = logging.getLogger(), logging.getLogger("gateway")
    levels = (root.level, ours.level)
    yield
    for each in [each for each in root.handlers if isinstance(each, BackgroundHandler)]:
        root.removeHandler(each)
        each.close()
    root.setLevel(levels[0])
    ours.setLevel(levels[1])
    logging.captureWarnings(capture=False)


@pytest.mark.parametrize(
    ("level", "ours", "theirs"),
    [("debug", 10, 20), ("info", 20, 20), ("warning", 30, 30), ("error", 40, 40)],
)
def test_libraries_never_log_below_info(level: str, ours: int, theirs: int) -> None:
    """At every level, botocore's requests and uvicorn's frames are left out."""
    set_up(level)

    assert logging.getLogger("gateway.aws.client").getEffectiveLevel() == ours
    for name in ("botocore.auth", "boto3", "urllib3", "asyncio", "uvicorn.error", "websockets"):
        assert logging.getLogger(name).getEffectiveLevel() == theirs


def test_set_up_twice() -> None:
    """A second set-up replaces the first: nothing is logged twice."""
    first = set_up("info")
    second = set_up("debug")

    found = [h for h in logging.getLogger().handlers if isinstance(h, BackgroundHandler)]
    assert found == [second]
    assert first is not second
    assert count_dropped_lines() == 0
