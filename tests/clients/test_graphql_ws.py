"""graphql-ws of npm, which made the protocol, against the running gateway."""

from .conftest import Changing, Linked, RunScript, StartScript
from .expected_data import deferred_data

SCRIPT = "graphql_ws.mjs"


def test_query_with_links(run_script: RunScript, linked: Linked) -> None:
    """A query brings a job and what it links to, once."""
    name, job = linked

    assert run_script(SCRIPT, "links", name=name) == [{"data": {"processingJob": job}}]


def test_refused_document(run_script: RunScript) -> None:
    """A document that is not valid comes back as an error message with its reasons."""
    (answer,) = run_script(SCRIPT, "wrongField")

    codes = [error["extensions"]["code"] for error in answer["refused"]]
    assert codes == ["GRAPHQL_VALIDATION_FAILED"]


def test_defer(run_script: RunScript, unread: str) -> None:
    """Over a WebSocket nothing is left for later: the response comes whole."""
    assert run_script(SCRIPT, "defer", name=unread) == [{"data": deferred_data(unread)}]


def test_subscription(start_script: StartScript, changing: Changing) -> None:
    """A subscription brings the status now, the one that it changes to, and its end."""
    script = start_script(SCRIPT, "changes", name=changing.name)
    first = next(script)
    changing.turn("Stopping")
    second = next(script)
    changing.turn("Stopped")
    (third,) = script.finish()

    told = [each["data"]["processingJob"]["processingJobStatus"] for each in (first, second, third)]
    assert told == ["IN_PROGRESS", "STOPPING", "STOPPED"]


def test_subscription_of_no_job(run_script: RunScript) -> None:
    """A job that is not there is null, and the subscription ends."""
    told = run_script(SCRIPT, "changes", name="no-job-of-that-name")

    assert told == [{"data": {"processingJob": None}}]


def test_query_beside_a_subscription(start_script: StartScript, changing: Changing) -> None:
    """A query on the same socket is answered while a subscription waits."""
    script = start_script(SCRIPT, "together", name=changing.name)
    told = [next(script), next(script)]
    changing.turn("Completed")
    told += script.finish()

    names = [each["data"]["processingJob"]["processingJobName"] for each in told]
    assert names == [changing.name] * 3


def test_client_that_leaves_a_subscription(start_script: StartScript, changing: Changing) -> None:
    """A subscription can be left before its end, and its socket goes on serving."""
    told = start_script(SCRIPT, "left", name=changing.name).finish()

    statuses = [each["data"]["processingJob"]["processingJobStatus"] for each in told]
    assert statuses == ["IN_PROGRESS", "IN_PROGRESS"]
