"""urql of npm against the running gateway."""

import pytest

from tests.aws_answers import arn

from .conftest import Changing, Linked, RunScript, StartScript
from .expected_data import deferred_data, without_typename

SCRIPT = "urql.mjs"


@pytest.mark.parametrize("which", ["links", "linksByGet"], ids=["post", "get"])
def test_query_with_links(run_script: RunScript, linked: Linked, which: str) -> None:
    """A query brings a job and what it links to."""
    name, job = linked
    (answer,) = run_script(SCRIPT, which, name=name)

    assert answer["failure"] is None
    assert answer["errors"] == []
    assert without_typename(answer["data"]) == {"processingJob": job}


def test_defer(run_script: RunScript, unread: str) -> None:
    """The client puts the deferred part into the first."""
    first, *_, last = run_script(SCRIPT, "defer", name=unread)

    assert without_typename(first["data"]) == {
        "processingJob": {"id": arn("processing-job", unread)}
    }
    assert without_typename(last["data"]) == deferred_data(unread)


@pytest.mark.parametrize("which", ["changesByFetch", "changesByWebSocket"])
def test_subscription(start_script: StartScript, changing: Changing, which: str) -> None:
    """A subscription brings the status now, and the one that it changes to."""
    script = start_script(SCRIPT, which, name=changing.name)
    first = next(script)
    changing.turn("Failed")
    # At the end of a subscription, urql tells of its last result once more.
    second, *again = script.finish()
    assert all(each["data"] == second["data"] for each in again)

    statuses = [told["data"]["processingJob"]["processingJobStatus"] for told in (first, second)]
    assert statuses == ["IN_PROGRESS", "FAILED"]
