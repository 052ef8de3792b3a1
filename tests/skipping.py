"""The one way to skip a test that needs more than Python."""

import os
from typing import NoReturn

import pytest

NO_SKIP = "TESTS_NO_SKIP"


def skip(reason: str) -> NoReturn:
    """Skip the test, or fail it where TESTS_NO_SKIP=1 says that nothing may be missing."""
    if os.environ.get(NO_SKIP) == "1":
        pytest.fail(f"{NO_SKIP} forbids to skip: {reason}")
    pytest.skip(reason)
