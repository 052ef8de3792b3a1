"""How an event is written."""

import json
import re

import pytest

from gateway.errors import BadUserInput
from gateway.logs.lines import LineFormatter

from .records import raised, record


class CredentialRetrievalError(Exception):
    """As botocore names the failure of what gives credentials."""


def line(*args: object, **kwargs: object) -> str:
    """Return what is written of a record, after time, process and level."""
    text = LineFormatter().format(record(*args, **kwargs))  # type: ignore[arg-type]
    found = re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \d+ [A-Z]+ (.*)", text, flags=re.DOTALL
    )
    assert found, text
    return found[1]


def test_facts_are_printed() -> None:
    """An event stands with its facts, in their order."""
    assert line("gateway.a", operation="ListTags", status=400) == (
        "gateway.a operation=ListTags status=400"
    )


def test_facts_without_a_value_are_left_out() -> None:
    """What is not known takes no place."""
    assert line("gateway.a", request_id="", region=None, status=0) == "gateway.a status=0"


@pytest.mark.parametrize(
    "value",
    [
        *("two words", 'a "quote"', "a=b", "line\nbreak", "\x1b[31mred", "\u2028", "é è"),
        *("turned\u202e", "hidden\u200b", "\ufeffmark", "half\ud800"),
    ],
)
def test_values_can_be_split_again(value: str) -> None:
    """A value that is no plain word is a JSON string, without any control character."""
    text = line("gateway.a", value=value)

    assert json.loads(text.removeprefix("gateway.a value=")) == value
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u200b\u2028-\u202e\ufeff\ud800]", text)


def test_message_of_a_library() -> None:
    """What a library logs stands after its name, in one line."""
    text = line("a %s\nb", "x", logger="botocore.credentials")

    assert text == "botocore.credentials: a x\\nb"


def test_expected_failure_is_one_line() -> None:
    """A coded error has no traceback: it shows no fault in the code."""
    error = raised(BadUserInput("wrong region"))

    assert line("gateway.a", error=error) == (
        'gateway.a error=BadUserInput code=BAD_USER_INPUT reason="wrong region"'
    )


def test_unexpected_failure_has_its_traceback() -> None:
    """The traceback follows the event, and no line of it can be taken for an event."""
    first, *others = line("gateway.a", error=raised(ValueError("bad\n2026-01-01"))).splitlines()

    assert first == 'gateway.a error=ValueError reason="bad\\n2026-01-01"'
    assert "Traceback (most recent call last):" in others[0]
    assert all(each.startswith("    ") for each in others)


def test_failure_of_a_library_for_aws_has_no_words() -> None:
    """Errors of botocore's own log lines quote requests, and what commands printed."""
    text = line(
        "Refreshing failed.", logger="botocore.credentials", error=raised(OSError("secret"))
    )

    assert text == "botocore.credentials: Refreshing failed. error=OSError"


def test_output_of_commands_is_not_quoted() -> None:
    """What a command for credentials printed is left out, however deep the error lies."""
    cause = raised(CredentialRetrievalError("custom-process printed s3cret"))
    error = ExceptionGroup("several", [RuntimeError("other")])
    error.__cause__ = cause

    text = line(f"never retrieved: {cause!s}", logger="asyncio", error=error)

    assert "s3cret" not in text
    assert "CredentialRetrievalError: ..." in text


@pytest.mark.parametrize(
    "secret",
    [
        "GET /graphql?token=s3cret HTTP/1.1",
        "https://host/path?x=1&token=s3cret",
        "redis://:s3cret@host:6379",
        "x-amz-security-token:s3cret",
        "Signature=s3cret, next",
        "AWS4-HMAC-SHA256 Credential=x, s3cret",
        "The Canonical String for this request should have been 's3cret'",
    ],
)
def test_secrets_are_hidden_wherever_they_stand(secret: str) -> None:
    """Credentials, signatures and queries are left out of messages, values and tracebacks."""
    texts = [
        line("gateway.a", value=secret),
        line("%s", secret, logger="uvicorn.error"),
        line("gateway.a", error=raised(ValueError(secret))),
    ]

    assert not [text for text in texts if "s3cret" in text]


def test_text_has_a_bound() -> None:
    """However long a value or a traceback is, what is written of it is not."""
    assert len(line("gateway.a", value="x" * 1_000_000)) < 5_000
    assert len(line("x" * 1_000_000, logger="other")) < 5_000
    assert len(line("gateway.a", error=raised(ValueError("x" * 1_000_000)))) < 30_000


def test_facts_of_libraries_are_not_printed() -> None:
    """What a library has in `extra` is for its own formatter."""
    assert line("Started", logger="uvicorn.error", color_message="\x1b[1m") == (
        "uvicorn.error: Started"
    )
