"""graphql-sse of npm, with a connection for each operation, against the running gateway."""

from tests.aws_answers import arn

from .conftest import Changing, Linked, RunScript, StartScript
from .expected_data import deferred_part

SCRIPT = "graphql_sse.mjs"


def test_query_with_links(run_script: RunScript, linked: Linked) -> None:
    """A query brings a job and what it links to, once."""
    name, job = linked

    assert run_script(SCRIPT, "links", name=name) == [{"data": {"processingJob": job}}]


def test_refused_document(run_script: RunScript) -> None:
    """The reasons why a document is refused reach the client."""
    (answer,) = run_script(SCRIPT, "wrongField")

    codes = [error["extensions"]["code"] for error in answer["errors"]]
    assert codes == ["GRAPHQL_VALIDATION_FAILED"]


def test_defer(run_script: RunScript, unread: str) -> None:
    """A response in parts comes as one event for each, until nothing is left out."""
    told = run_script(SCRIPT, "defer", name=unread)

    assert told[0]["data"] == {"processingJob": {"id": arn("processing-job", unread)}}
    (pending,) = told[0]["pending"]
    assert pending["path"] == ["processingJob"]
    ((part,),) = [part["incremental"] for part in told[1:] if "incremental" in part]
    assert part["id"] == pending["id"]
    assert part["data"] == deferred_part(unread)
    assert [part["hasNext"] for part in told] == [True] * (len(told) - 1) + [False]


def test_subscription(start_script: StartScript, changing: Changing) -> None:
    """A subscription brings the status now, the one that it changes to, and its end."""
    script = start_script(SCRIPT, "changes", name=changing.name)
    first = next(script)
    changing.turn("Completed")
    (second,) = script.finish()

    statuses = [told["data"]["processingJob"]["processingJobStatus"] for told in (first, second)]
    assert statuses == ["IN_PROGRESS", "COMPLETED"]


def test_client_that_leaves_a_subscription(start_script: StartScript, changing: Changing) -> None:
    """A subscription can be left before its end, and the client asks on."""
    told = start_script(SCRIPT, "left", name=changing.name).finish()

    statuses = [each["data"]["processingJob"]["processingJobStatus"] for each in told]
    assert statuses == ["IN_PROGRESS", "IN_PROGRESS"]
