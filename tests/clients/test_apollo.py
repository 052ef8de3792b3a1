"""Apollo Client of npm against the running gateway."""

from typing import Any

import pytest

from tests.aws_answers import arn

from .conftest import Changing, RunScript, StartScript
from .expected_data import WRONG_NAME, deferred_data, without_typename

SCRIPT = "apollo.mjs"
Linked = tuple[str, dict[str, Any]]


def test_query_with_links(run_script: RunScript, linked: Linked) -> None:
    """A query brings a job and what it links to."""
    name, job = linked
    (answer,) = run_script(SCRIPT, "links", name=name)

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
    (sent,) = second["sent"]
    assert not sent["hasQuery"]
    assert sent["method"] == method
    assert sent["status"] == 200
    assert "max-age" in sent["cacheControl"]


def test_batch(run_script: RunScript, linked: Linked) -> None:
    """Two operations of one tick go in one request, and each gets its own answer."""
    name, job = linked
    (told,) = run_script(SCRIPT, "batch", name=name)

    assert len(told["sent"]) == 1
    good, bad = told["answers"]
    assert without_typename(good["data"]) == {"processingJob": job}
    assert [error["extensions"]["code"] for error in bad["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("which", ["deferByPath", "deferById"])
def test_defer(run_script: RunScript, unread: str, which: str) -> None:
    """Both of the client's readers put the deferred part into the first, as it comes."""
    told = run_script(SCRIPT, which, name=unread)

    first, last = (without_typename(part["data"]) for part in _with_data(told))
    assert first == {"processingJob": {"id": arn("processing-job", unread)}}
    assert last == deferred_data(unread)
    assert told[-1]["sent"][0]["type"].startswith("multipart/mixed")


def _with_data(told: list[Any]) -> list[Any]:
    assert [part["error"] for part in told] == [None] * len(told)
    return [part for part in told if part["data"]]


@pytest.mark.parametrize("which", ["changesByMultipart", "changesByWebSocket"])
def test_subscription(start_script: StartScript, changing: Changing, which: str) -> None:
    """A subscription brings the status now, the one that it changes to, and its end."""
    script = start_script(SCRIPT, which, name=changing.name)
    first = next(script)
    changing.turn("Completed")
    (second,) = script.finish()

    statuses = [told["data"]["processingJob"]["processingJobStatus"] for told in (first, second)]
    assert statuses == ["IN_PROGRESS", "COMPLETED"]
