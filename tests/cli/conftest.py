"""What the tests of the command line share."""

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """Undo what a command that ran in this process did to logging."""
    root, ours = logging.getLogger(), logging.getLogger("gateway")
    handlers, levels = list(root.handlers), (root.level, ours.level)
    yield
    for added in [each for each in root.handlers if each not in handlers]:
        root.removeHandler(added)
        added.close()
    root.setLevel(levels[0])
    ours.setLevel(levels[1])
    logging.captureWarnings(capture=False)
