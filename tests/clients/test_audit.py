"""The audits of npm's graphql-http: the gateway keeps to GraphQL over HTTP, to the letter."""

import sys

import pytest

from tests.conftest import Count

from .conftest import StartScript

AUDITS = 61
"""How many there are: an audit that is not run is not passed."""


def test_all_audits_pass(
    start_script: StartScript, count: Count, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every audit, whether of a MUST, a SHOULD or a MAY, says that the gateway is right."""
    *results, summary = start_script("audit.mjs").finish()
    with capsys.disabled():
        sys.stdout.write(f"\ngraphql-http: {summary['summary']}\n")

    passed = [result for result in results if result["status"] == "ok"]
    failed = [result for result in results if result["status"] != "ok"]
    assert failed == []
    assert len(passed) == AUDITS
    count("audits of graphql-http passed", len(passed))
