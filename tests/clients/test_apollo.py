"""Apollo Client of npm against the running gateway."""

from typing import Any

import pytest

from tests.aws_answers import arn

from .conftest import Changing, Linked, RunScript, StartScript
from .expected_data import deferred_data, without_typename

SCRIPT = "apollo.mjs"


def test_query_with_links(run_script: RunScript, linked: Linked) -> None:
    """A query brings a job and what it links to."""
    name, job = linked
    (answer,) = run_script(SCRIPT, "links", name=name)

    assert answer["failure"] is None
    assert answer["errors"] == []
    assert without_typename(answer["data"]) == {"processingJob": job}


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
