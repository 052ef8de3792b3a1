"""What several clients of npm do alike, against the running gateway."""

import pytest

from .conftest import Linked, RunScript
from .expected_data import WRONG_NAME, without_typename

OVER_HTTP = pytest.mark.parametrize("script", ["apollo.mjs", "urql.mjs"])


@pytest.mark.parametrize("script", ["apollo.mjs", "urql.mjs", "graphql_sse.mjs", "graphql_ws.mjs"])
def test_field_error(run_script: RunScript, script: str) -> None:
    """An error of a field comes with its code and path, and the data with it."""
    (answer,) = run_script(script, "links", name=WRONG_NAME)

    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["path"] == ["processingJob"]
    assert answer["data"] == {"processingJob": None}


@OVER_HTTP
def test_refused_document(run_script: RunScript, script: str) -> None:
    """The client reads why a document is refused, although the status is not 200."""
    (answer,) = run_script(script, "wrongField")

    assert answer["failure"] is None
    assert [e["extensions"]["code"] for e in answer["errors"]] == ["GRAPHQL_VALIDATION_FAILED"]


@OVER_HTTP
@pytest.mark.parametrize(
    ("which", "method"), [("persistedPost", "POST"), ("persistedGet", "GET")], ids=["post", "get"]
)
def test_persisted_query(
    run_script: RunScript, linked: Linked, script: str, which: str, method: str
) -> None:
    """A text that the gateway does not know is sent once, after that its hash is enough."""
    name, job = linked
    first, second = run_script(script, which, name=name)

    for answer in (first, second):
        assert answer["errors"] == []
        assert without_typename(answer["data"]) == {"processingJob": job}
    # The gateway may know the text from a test before this one.
    assert [sent["hasQuery"] for sent in first["sent"]] in ([False, True], [False])
    (sent,) = second["sent"]
    assert not sent["hasQuery"]
    assert sent["method"] == method
    assert sent["status"] == 200
