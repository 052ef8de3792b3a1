"""The audits of npm's graphql-http: does the gateway keep to GraphQL over HTTP, to the letter?"""

from collections.abc import Callable

import pytest

from .conftest import StartScript

AUDITS = 61
"""How many there are: an audit that is not run is not passed."""


def test_all_audits_pass(
    start_script: StartScript, count: Callable[[str, int], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Every audit, whether of a MUST, a SHOULD or a MAY, says that the gateway is right."""
    *results, summary = start_script("audit.mjs").finish()
    with capsys.disabled():
        print(f"\ngraphql-http: {summary['summary']}")

    passed = [result for result in results if result["status"] == "ok"]
    failed = [result for result in results if result["status"] != "ok"]
    assert failed == []
    assert len(passed) == AUDITS
    count("audits of graphql-http passed", len(passed))
