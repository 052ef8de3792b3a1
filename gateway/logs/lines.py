"""The form of the log: one line for each event, which people can read and programs can split.

    2026-11-25T19:17:50.123Z 4242 WARNING gateway.redis_failed error=TimeoutError

Time in UTC, process, level, event, and its facts as `name=value`. A value with spaces, quotes or
control characters is a JSON string, so nobody can write a line of their own into the log. A
traceback follows in lines that begin with spaces.
"""

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from typing import Final

from gateway.errors import CodedError
from gateway.logs.redaction import hide_output, hide_queries, hide_secrets

OURS: Final = "gateway"
"""The logger above all of the gateway's own; every other one is a library's."""

_NO_FACTS: Final = frozenset(
    {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName", "color_message"}
)
# Besides control characters: ends of lines, marks that turn the direction of text, surrogates.
_UNSAFE: Final = (
    r"\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff"
)
_BARE: Final = re.compile(rf"[^\s\"'={_UNSAFE}]+")
_CONTROL: Final = re.compile(rf"[{_UNSAFE}]")
_LONGEST_TEXT: Final = 4_000
"""Characters of a message or a value."""
_LONGEST_TRACEBACK: Final = 16_000
# Their errors quote requests and answers, and what commands printed; the gateway logs each failed
# call itself.
_WITHOUT_TRACEBACK: Final = ("boto3", "botocore", "urllib3")


class LineFormatter(logging.Formatter):
    """Writes a record as lines."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines of a record, without an end of line after the last."""
        return self.format_event(record, with_traceback=True)

    def format_event(self, record: logging.LogRecord, *, with_traceback: bool) -> str:
        """Return the lines of a record; without a traceback, one line."""
        error = record.exc_info[1] if record.exc_info else None
        text = " ".join([_head(record), _message(record, error), *_facts(record, error)])
        if error is None or not with_traceback or not _has_traceback(record, error):
            return text
        return f"{text}\n{_traceback(error)}"


def is_ours(record: logging.LogRecord) -> bool:
    """Return whether the gateway itself logged a record, and not a library."""
    return record.name == OURS or record.name.startswith(f"{OURS}.")


def facts_of(record: logging.LogRecord) -> dict[str, object]:
    """Return the `extra` of one of the gateway's events, without empty values."""
    if not is_ours(record):
        return {}
    return {
        name: value
        for name, value in vars(record).items()
        if name not in _NO_FACTS and value is not None and value != ""
    }


def _head(record: logging.LogRecord) -> str:
    time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    return f"{time.removesuffix('+00:00')}Z {record.process} {record.levelname}"


def _message(record: logging.LogRecord, error: BaseException | None) -> str:
    text = _plain(hide_output(record.getMessage(), error))
    return text if is_ours(record) else f"{record.name}: {text}"


def _facts(record: logging.LogRecord, error: BaseException | None) -> list[str]:
    facts = facts_of(record)
    if error is not None:
        facts.setdefault("error", type(error).__name__)
        if isinstance(error, CodedError):
            facts.setdefault("code", error.code.value)
        if _has_safe_errors(record):
            facts.setdefault("reason", hide_output(str(error), error))
    return [f"{name}={_value(value)}" for name, value in facts.items() if value != ""]


def _value(value: object) -> str:
    text = _shorten(hide_queries(hide_secrets(str(value))), _LONGEST_TEXT)
    return text if _BARE.fullmatch(text) else _escape(json.dumps(text, ensure_ascii=False))


def _plain(text: str) -> str:
    return _escape(_shorten(hide_queries(hide_secrets(text)), _LONGEST_TEXT).strip())


def _escape(text: str) -> str:
    return _CONTROL.sub(lambda found: json.dumps(found[0])[1:-1], text)


def _shorten(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most // 2]} ... {text[-most // 2 :]}"


def _has_safe_errors(record: logging.LogRecord) -> bool:
    return not record.name.startswith(_WITHOUT_TRACEBACK)


def _has_traceback(record: logging.LogRecord, error: BaseException) -> bool:
    """Return whether an error shows a fault in the code. An expected failure does not."""
    return _has_safe_errors(record) and not isinstance(error, CodedError)


def _traceback(error: BaseException) -> str:
    text = hide_output("".join(traceback.format_exception(error)), error)
    text = _shorten(hide_queries(hide_secrets(text)), _LONGEST_TRACEBACK)
    return "\n".join(f"    {_escape(line)}" for line in text.splitlines())
