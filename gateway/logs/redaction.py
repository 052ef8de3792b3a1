"""Text for the log without credentials, signatures, passwords and queries of URLs."""

import re
from collections.abc import Iterator
from typing import Final

from gateway import redaction

# A refused signature is answered with the request as AWS would have signed it, token included.
_SECRETS: Final = (
    (re.compile(r"The Canonical String for this request.*", re.DOTALL | re.IGNORECASE), "..."),
    (re.compile(r"AWS4-[\w-]+ .*", re.DOTALL), "..."),
    (re.compile(r"(x-amz-security-token)\s*[:=]\s*[^\s,;&]+", re.IGNORECASE), r"\1=..."),
    (re.compile(r"\b(Credential|Signature|SignedHeaders)=[^\s,;&]+", re.IGNORECASE), r"\1=..."),
)
_QUERY: Final = re.compile(r"(/[^\s\"'<>?]*)\?[^\s\"'<>]+")
_WITH_OUTPUT_OF_COMMANDS: Final = frozenset({"CredentialRetrievalError"})
"""Exceptions of botocore that quote what a command printed, which may be credentials."""


def hide_secrets(text: str) -> str:
    """Return a text without credentials and signatures, wherever they stand in it."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return redaction.hide_secrets(text)


def hide_queries(text: str) -> str:
    """Return a text whose URLs and paths have no query: it may hold a token."""
    return _QUERY.sub(r"\1?...", text)


def hide_output(text: str, error: BaseException | None) -> str:
    """Return a text without what commands printed, where `error` or what caused it quotes that."""
    for each in _chain(error):
        if type(each).__name__ in _WITH_OUTPUT_OF_COMMANDS and str(each):
            text = text.replace(str(each), "...")
    return text


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception and all that it was raised from, each once."""
    left = [error]
    seen: set[int] = set()
    while left:
        each = left.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        left += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            left += each.exceptions
