"""urql of npm against the running gateway."""

from typing import Any

import pytest

from tests.aws_answers import arn

from .conftest import Changing, RunScript, StartScript
from .expected_data import WRONG_NAME, deferred_data, without_typename

SCRIPT = "urql.mjs"
Linked = tuple[str, dict[str, Any]]


@pytest.mark.parametrize("which", ["links", "linksByGet"], ids=["post", "get"])
def test_query_with_links(run_script: RunScript, linked: Linked, which: str) -> None:
    """A query brings a job and what it links to."""
    name, job = linked
    (answer,) = run_script(SCRIPT, which, name=name)

    assert answer["failure"] is None
    assert answer["errors"] == []
    assert without_typename(answer["data"]) == {"processingJob": job}


def test_field_error(run_script: RunScript) -> None:
    """An error of a field comes with its code and path, beside the data."""
    (answer,) = run_script(SCRIPT, "links", name=WRONG_NAME)

    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["path"] == ["processingJob"]
    assert answer["data"] == {"processingJob": None}


def test_refused_document(run_script: RunScript) -> None:
    """The client reads why a document is refused, although the status is not 200."""
    (answer,) = run_script(SCRIPT, "wrongField")

    assert answer["failure"] is None
    assert [e["extensions"]["code"] for e in answer["errors"]] == ["GRAPHQL_VALIDATION_FAILED"]


@pytest.mark.parametrize(
    ("which", "method"), [("persistedPost", "POST"), ("persistedGet", "GET")], ids=["post", "get"]
)
def test_persisted_query(run_script: RunScript, linked: Linked, which: str, method: str) -> None:
    """A text that the gateway does not know is sent once, after that its hash is enough."""
    name, job = linked
    first, second = run_script(SCRIPT, which, name=name)

    for answer in (first, second):
        assert answer["errors"] == []
        assert without_typename(answer["data"]) == {"processingJob": job}
    # The gateway may know the text from a test before this one.
    assert [sent["hasQuery"] for sent in first["sent"]] in ([False, True], [False])
    assert [sent["hasQuery"] for sent in second["sent"]] == [False]
    assert second["sent"][0]["method"] == method


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
